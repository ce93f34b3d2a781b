#include "core/cells/box_means.hpp"

#include <algorithm>
#include <functional>
#include <utility>

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

BoxMeans::BoxMeans(std::size_t count, const WindowCells& cells, std::ptrdiff_t row,
                   const KernelTable& kernels)
    : height_(signed_size(cells.wanted.height())),
      radius_(cells.radius),
      width_(cells.wanted.width()),
      count_(count),
      wanted_(cells.wanted),
      kernels_(kernels),
      across_(window_shares(signed_size(width_), radius_)),
      down_(window_shares(height_, radius_)),
      nothing_(width_, count),
      rows_(size(std::min(2 * radius_ + 2, height_)), width_, count),
      sums_((count + box_planes - 1) / box_planes * box_planes * (width_ + size(2 * radius_))),
      columns_(wanted_.groups()),
      held_(wanted_.groups()),
      some_(wanted_.groups()),
      row_(row),
      reached_(std::max(row - radius_, {})) {}

const float* BoxMeans::planes(std::ptrdiff_t row) {
    return row >= 0 && row < height_ ? rows_[row].data() : nothing_.data();
}

// Brings the sums of the columns that this row needs to this row.
void BoxMeans::slide() {
    const std::size_t groups = columns_.size();
    std::swap(held_, columns_);
    grow_flags(wanted_.flags(row_), groups, (size(radius_) + CellSet::group - 1) / CellSet::group,
               columns_.data());
    const auto move_on = [&](std::size_t first, std::size_t last) {
        move(row_ + radius_, row_ - radius_ - 1, first, last);
    };
    if (columns_ == held_) {
        CellSet::runs_of(columns_.data(), groups, width_, move_on);
        return;
    }
    std::transform(columns_.begin(), columns_.end(), held_.begin(), some_.begin(),
                   std::bit_and<unsigned char>());
    CellSet::runs_of(some_.data(), groups, width_, move_on);
    std::transform(columns_.begin(), columns_.end(), some_.begin(), some_.begin(),
                   std::bit_xor<unsigned char>());
    CellSet::runs_of(some_.data(), groups, width_,
                     [&](std::size_t first, std::size_t last) { begin(first, last); });
}

// Sums columns that the row above did not need.
void BoxMeans::begin(std::size_t first, std::size_t last) {
    const std::size_t group = box_planes * (width_ + size(2 * radius_));
    for (std::size_t at = box_planes * (first + size(radius_)); at < sums_.size(); at += group)
        std::fill_n(sums_.data() + at, box_planes * (last - first), 0.0);
    const std::ptrdiff_t end = std::min(row_ + radius_ + 1, height_);
    for (std::ptrdiff_t row = std::max(row_ - radius_, {}); row < end; ++row)
        move(row, -1, first, last);
}

// Adds one row to the columns, and takes another one from them.
void BoxMeans::move(std::ptrdiff_t add, std::ptrdiff_t drop, std::size_t first, std::size_t last) {
    kernels_.slide_window(planes(add) + first, planes(drop) + first, nothing_.stride(), count_,
                          last - first, box_planes * (width_ + size(2 * radius_)),
                          sums_.data() + box_planes * (first + size(radius_)));
}

void BoxMeans::mean(float* out, std::size_t stride) const {
    wanted_.runs(row_, [&](std::size_t first, std::size_t last) {
        kernels_.box_row(sums_.data() + box_planes * first, count_, last - first, size(radius_),
                         box_planes * (width_ + size(2 * radius_)), across_.data() + first,
                         down_[size(row_)], out + first, stride);
    });
}

}  // namespace defocus
