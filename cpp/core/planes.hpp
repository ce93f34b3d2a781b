// Float scratch rows of several planes.
#pragma once

#include <cstddef>
#include <vector>

namespace defocus {

// One row: `channels` planes of `width` floats, `stride` apart.
class PlaneRow {
  public:
    PlaneRow() = default;
    PlaneRow(std::size_t width, std::size_t channels)
        : stride_(width), samples_(width * channels, 0.0f) {}

    float* data() noexcept { return samples_.data(); }
    const float* data() const noexcept { return samples_.data(); }
    float* plane(std::size_t c) noexcept { return samples_.data() + c * stride_; }
    const float* plane(std::size_t c) const noexcept { return samples_.data() + c * stride_; }
    std::size_t stride() const noexcept { return stride_; }
    std::size_t size() const noexcept { return samples_.size(); }

  private:
    std::size_t stride_ = 0;
    std::vector<float> samples_;
};

// The last `count` rows of a sequence, found by their index, which may be negative.
class RowRing {
  public:
    RowRing() = default;
    RowRing(std::size_t count, std::size_t width, std::size_t channels)
        : rows_(count, PlaneRow(width, channels)) {}

    PlaneRow& operator[](std::ptrdiff_t index) noexcept {
        const auto n = static_cast<std::ptrdiff_t>(rows_.size());
        return rows_[static_cast<std::size_t>(((index % n) + n) % n)];
    }

  private:
    std::vector<PlaneRow> rows_;
};

}  // namespace defocus
