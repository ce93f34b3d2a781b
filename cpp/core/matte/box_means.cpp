#include "core/matte/box_means.hpp"

#include <algorithm>

namespace defocus {
namespace {

std::vector<double> window_shares(std::ptrdiff_t length, std::ptrdiff_t radius) {
    std::vector<double> shares;
    for (std::ptrdiff_t i = 0; i < length; ++i) {
        const std::ptrdiff_t inside =
            std::min(i + radius, length - 1) - std::max(i - radius, {}) + 1;
        shares.push_back(1.0 / static_cast<double>(inside));
    }
    return shares;
}

}  // namespace

BoxMeans::BoxMeans(const CellGrid& grid, std::size_t count, std::ptrdiff_t radius,
                   const KernelTable& kernels)
    : height_(grid.height),
      radius_(radius),
      width_(size(grid.width)),
      count_(count),
      kernels_(kernels),
      across_(window_shares(grid.width, radius)),
      down_(window_shares(grid.height, radius)),
      nothing_(width_),
      rows_(size(std::min(2 * radius + 2, grid.height)), width_, count),
      sums_(count * width_) {}

const float* BoxMeans::line(std::size_t plane, std::ptrdiff_t row) {
    return row >= 0 && row < height_ ? rows_[row].plane(plane) : nothing_.data();
}

// Moves the window of the columns down to the row that it has reached.
void BoxMeans::slide() {
    for (std::size_t p = 0; p < count_; ++p)
        kernels_.slide_window(line(p, reached_), line(p, reached_ - 2 * radius_ - 1), width_,
                              sums_.data() + p * width_);
}

void BoxMeans::mean(float* out, std::size_t stride) const {
    kernels_.box_row(sums_.data(), count_, width_, size(radius_), across_.data(), down_[size(row_)],
                     out, stride);
}

}  // namespace defocus
