// A queue of fixed capacity, which cannot fail once it is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace defocus {

// The caller never holds more than `capacity` items.
class IndexRing {
  public:
    explicit IndexRing(std::size_t capacity) : items_(capacity) {}

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    std::uint32_t operator[](std::size_t i) const noexcept { return items_[slot(i)]; }
    void push_back(std::uint32_t item) noexcept { items_[slot(size_++)] = item; }
    std::uint32_t pop_front() noexcept {
        const std::uint32_t item = items_[first_];
        first_ = slot(1);
        --size_;
        return item;
    }

  private:
    std::size_t slot(std::size_t i) const noexcept {
        const std::size_t at = first_ + i;
        return at < items_.size() ? at : at - items_.size();
    }

    std::vector<std::uint32_t> items_;
    std::size_t first_ = 0, size_ = 0;
};

}  // namespace defocus
