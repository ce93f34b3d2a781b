// Means over windows of cells, one row after the other.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/matte/cell_grid.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The mean of each plane over windows of 2 radius + 1 cells each way.  At an edge the mean is that
// of the part of the window inside.  Only the rows of one window are held: they stay in the
// second-level cache.
class BoxMeans {
  public:
    BoxMeans(const CellGrid& grid, std::size_t count, std::ptrdiff_t radius,
             const KernelTable& kernels);

    // Writes the means of the next row from top to bottom, planes `stride` apart.  Calls
    // read(row, planes) for each row when a window first reaches it; it fills the planes.
    template <typename Read>
    void next(const Read& read, float* out, std::size_t stride) {
        for (; reached_ <= row_ + radius_; ++reached_) {
            if (reached_ < height_) read(reached_, rows_[reached_]);
            slide();
        }
        mean(out, stride);
        ++row_;
    }

  private:
    void slide();
    void mean(float* out, std::size_t stride) const;
    const float* planes(std::ptrdiff_t row);

    std::ptrdiff_t height_, radius_;
    std::size_t width_, count_;
    const KernelTable& kernels_;
    std::vector<double> across_, down_;  // shares of a mean
    Planes<float> nothing_;              // a row outside
    RowRing<float> rows_;
    AlignedVector<double> sums_;  // of the columns of the window, in the groups of the kernels
    std::ptrdiff_t row_ = 0;
    std::ptrdiff_t reached_ = 0;
};

}  // namespace defocus
