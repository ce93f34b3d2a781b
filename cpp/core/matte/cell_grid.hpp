// The coarse grid of an image: square cells of pixels, on which a mask is refined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/matte/matte_rows.hpp"
#include "core/plan/bilinear.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// A plane of a grid holds all rows of cells, one after the other without gaps.
struct CellGrid {
    std::ptrdiff_t cell;           // pixels along one side of a cell
    std::ptrdiff_t width, height;  // in cells; the last ones may reach beyond the image
    BilinearAxis x, y;             // from cells to pixels

    std::size_t count() const noexcept { return size(width * height); }
    std::size_t at(std::ptrdiff_t row) const noexcept { return size(row * width); }
    // A share of the long edge of the image, in cells; at least 1.
    std::ptrdiff_t radius(double share) const noexcept;
};

// `count` values of each cell side by side, for interpolation to pixels.
struct CellValues {
    std::size_t count = 0;
    AlignedVector<float> values;

    CellValues() = default;
    CellValues(const CellGrid& grid, std::size_t of_each)
        : count(of_each), values(of_each * grid.count() + over_read) {}
};

// Puts cells first .. last - 1 of a row, in planes `stride` apart, where they belong in `out`.
void put_cells(const CellGrid& grid, const float* planes, std::size_t stride, std::ptrdiff_t row,
               std::size_t first, std::size_t last, CellValues& out);

// Chooses the size of a cell so that about 340 lie along the long edge: about what the networks
// resolve.
CellGrid plan_cells(std::ptrdiff_t width, std::ptrdiff_t height);

// The mean red, green and blue of each cell, 0..255, in three planes.  The image has 8 or 16 bits.
template <typename T>
Planes<float> cell_colours(const ImageView<const T>& image, const CellGrid& grid,
                           const Threads& threads, const KernelTable& kernels);

// Calls work(first, last) for each half of the rows of a grid, on two threads where that pays, or
// once for a small grid.  Each half also computes some rows above its first one for itself, so more
// than two bands would cost too much.  The bands do not depend on the number of threads.
void for_grid_bands(const CellGrid& grid, const Threads& threads,
                    const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work);

// The mean alpha of each cell, 0..1, of a matte for an image of that width and height.
Planes<float> cell_alpha(const MaskView& matte, std::ptrdiff_t width, std::ptrdiff_t height,
                         const CellGrid& grid, const KernelTable& kernels);

// Copies cells first .. last - 1 of a row, of the first `count` planes.
void copy_cells(const CellGrid& grid, const Planes<float>& cells, std::size_t count,
                std::ptrdiff_t row, std::size_t first, std::size_t last, Planes<float>& out);

}  // namespace defocus
