// Scratch rows of several planes, and rings of them.
#pragma once

#include <cstddef>
#include <vector>

namespace defocus {

// Kernels that interpolate read up to this many samples beyond the last one they need.
constexpr std::size_t over_read = 32;

// One row: `planes` planes of `width` samples, `stride()` apart.
template <typename T>
class Planes {
  public:
    Planes() = default;
    Planes(std::size_t width, std::size_t planes)
        : stride_(width), samples_(width * planes + over_read, T{}) {}

    T* data() noexcept { return samples_.data(); }
    const T* data() const noexcept { return samples_.data(); }
    T* plane(std::size_t p) noexcept { return samples_.data() + p * stride_; }
    const T* plane(std::size_t p) const noexcept { return samples_.data() + p * stride_; }
    std::size_t stride() const noexcept { return stride_; }
    std::size_t size() const noexcept { return samples_.size() - over_read; }

  private:
    std::size_t stride_ = 0;
    std::vector<T> samples_;
};

// The last `count` rows of a sequence, found by their index, which may be negative.
template <typename T>
class RowRing {
  public:
    RowRing() = default;
    RowRing(std::size_t count, std::size_t width, std::size_t planes)
        : rows_(count, Planes<T>(width, planes)) {}

    Planes<T>& operator[](std::ptrdiff_t index) noexcept {
        const auto n = static_cast<std::ptrdiff_t>(rows_.size());
        return rows_[static_cast<std::size_t>(((index % n) + n) % n)];
    }

  private:
    std::vector<Planes<T>> rows_;
};

}  // namespace defocus
