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
      nothing_(width_, count),
      rows_(size(std::min(2 * radius + 2, grid.height)), width_, count),
      sums_((count + box_planes - 1) / box_planes * box_planes * (width_ + size(2 * radius))) {}

const float* BoxMeans::planes(std::ptrdiff_t row) {
    return row >= 0 && row < height_ ? rows_[row].data() : nothing_.data();
}

// Moves the window of the columns down to the row that it has reached.
void BoxMeans::slide() {
    kernels_.slide_window(planes(reached_), planes(reached_ - 2 * radius_ - 1), nothing_.stride(),
                          count_, width_, size(radius_), sums_.data());
}

void BoxMeans::mean(float* out, std::size_t stride) const {
    kernels_.box_row(sums_.data(), count_, width_, size(radius_), across_.data(), down_[size(row_)],
                     out, stride);
}

}  // namespace defocus
