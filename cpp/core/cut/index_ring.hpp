// A queue with two ends and a fixed capacity.
#pragma once

#include <cstdint>
#include <vector>

namespace defocus {

class IndexRing {
  public:
    explicit IndexRing(std::uint32_t capacity) {
        std::uint32_t length = 1;
        while (length < capacity) length *= 2;
        items_.resize(length);
    }

    // Positions count modulo 2^32, and the length is a power of two.
    std::uint32_t size() const noexcept { return last_ - first_; }
    bool empty() const noexcept { return first_ == last_; }
    std::uint32_t operator[](std::uint32_t i) const noexcept { return items_[slot(first_ + i)]; }
    void push_back(std::uint32_t item) noexcept { items_[slot(last_++)] = item; }
    void push_front(std::uint32_t item) noexcept { items_[slot(--first_)] = item; }
    std::uint32_t pop_front() noexcept { return items_[slot(first_++)]; }

  private:
    std::size_t slot(std::uint32_t position) const noexcept {
        return position & (items_.size() - 1);
    }

    std::vector<std::uint32_t> items_;
    std::uint32_t first_ = 0, last_ = 0;
};

}  // namespace defocus
