// Scratch rows with several planes, and rings of rows.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {

// A cache line, and the widest vector.  A load across two lines costs twice as much.
constexpr std::size_t alignment = 64;

template <typename T>
struct AlignedAllocator {
    using value_type = T;
    AlignedAllocator() = default;
    template <typename U>
    explicit AlignedAllocator(const AlignedAllocator<U>&) noexcept {}
    T* allocate(std::size_t n) {
        return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(alignment)));
    }
    void deallocate(T* p, std::size_t) noexcept {
        ::operator delete(p, std::align_val_t(alignment));
    }
    friend bool operator==(AlignedAllocator, AlignedAllocator) noexcept { return true; }
    friend bool operator!=(AlignedAllocator, AlignedAllocator) noexcept { return false; }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

// One row: `planes` planes of `width` samples.  Each plane is aligned; the next one begins
// `stride()` samples later.
template <typename T>
class Planes {
  public:
    Planes() = default;
    Planes(std::size_t width, std::size_t planes)
        : stride_(rounded_up(width)), samples_(stride_ * planes + over_read, T{}) {}

    T* data() noexcept { return samples_.data(); }
    const T* data() const noexcept { return samples_.data(); }
    T* plane(std::size_t p) noexcept { return samples_.data() + p * stride_; }
    const T* plane(std::size_t p) const noexcept { return samples_.data() + p * stride_; }
    std::size_t stride() const noexcept { return stride_; }
    // Samples of all planes together, gaps included.
    std::size_t size() const noexcept { return samples_.size() - over_read; }

  private:
    static std::size_t rounded_up(std::size_t n) noexcept {
        constexpr std::size_t unit = alignment / sizeof(T);
        return (n + unit - 1) / unit * unit;
    }

    std::size_t stride_ = 0;
    AlignedVector<T> samples_;
};

// Holds the last `count` rows of a sequence.  A row is found by its index, which may be negative.
template <typename T>
class RowRing {
  public:
    RowRing() = default;
    RowRing(std::size_t count, std::size_t width, std::size_t planes)
        : rows_(count, Planes<T>(width, planes)) {}

    Planes<T>& operator[](std::ptrdiff_t index) noexcept {
        const auto n = signed_size(rows_.size());
        return rows_[static_cast<std::size_t>(((index % n) + n) % n)];
    }

  private:
    std::vector<Planes<T>> rows_;
};

}  // namespace defocus
