// Means over windows of cells, one row after the other.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/cells/cell_set.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The cells whose means are wanted, and the cells of their windows of 2 radius + 1 cells each way.
struct WindowCells {
    std::ptrdiff_t radius;
    CellSet wanted, reads;

    WindowCells(CellSet cells, std::ptrdiff_t of_radius)
        : radius(of_radius), wanted(std::move(cells)), reads(wanted.grown(radius, radius)) {}
};

// The mean of each plane over windows of 2 radius + 1 cells each way, of the cells that are wanted.
// At an edge the mean is that of the part of the window inside.  Only the rows of one window are
// held: they stay in the second-level cache.
class BoxMeans {
  public:
    // The cells must outlive this object.  Its first row is `row`.
    BoxMeans(std::size_t count, const WindowCells& cells, std::ptrdiff_t row,
             const KernelTable& kernels);

    // Writes the means of the wanted cells of the next row from top to bottom, planes `stride`
    // apart.  Calls read(row, planes) for each row when a window first reaches it; it fills the
    // cells that are read.
    template <typename Read>
    void next(const Read& read, float* out, std::size_t stride) {
        for (; reached_ <= row_ + radius_; ++reached_)
            if (reached_ < height_) read(reached_, rows_[reached_]);
        slide();
        mean(out, stride);
        ++row_;
    }

  private:
    void slide();
    void begin(std::size_t first, std::size_t last);
    void move(std::ptrdiff_t add, std::ptrdiff_t drop, std::size_t first, std::size_t last);
    void mean(float* out, std::size_t stride) const;
    const float* planes(std::ptrdiff_t row);

    std::ptrdiff_t height_, radius_;
    std::size_t width_, count_;
    const CellSet& wanted_;
    const KernelTable& kernels_;
    std::vector<double> across_, down_;  // shares of a mean
    Planes<float> nothing_;              // a row outside
    RowRing<float> rows_;
    AlignedVector<double> sums_;       // of the columns of the window, in the groups of the kernels
    CellFlags columns_, held_, some_;  // of this row, of the row above, of both or one of them
    std::ptrdiff_t row_, reached_;
};

}  // namespace defocus
