// A picture's own coarse grid: square cells of pixels, on which masks are refined.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/matte/matte_rows.hpp"
#include "core/plan/bilinear.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// One plane of a grid is all its rows, one after the other without gaps.
struct CellGrid {
    std::ptrdiff_t cell;           // pixels along one side of a cell
    std::ptrdiff_t width, height;  // in cells; the last ones may hang over the picture's edge
    BilinearAxis x, y;             // from cells to pixels

    std::size_t count() const noexcept { return static_cast<std::size_t>(width * height); }
    std::size_t at(std::ptrdiff_t row) const noexcept {
        return static_cast<std::size_t>(row * width);
    }
    // A length that is a share of the picture's long edge, in cells; at least 1.
    std::ptrdiff_t radius(double share) const noexcept;
};

// Cells as large as leaves some 340 of them along the long edge: about what the networks resolve.
CellGrid plan_cells(std::ptrdiff_t width, std::ptrdiff_t height);

// Mean red, green and blue of each cell, 0..255: three planes.  Of bytes or words.
template <typename T>
Planes<float> cell_colours(const ImageView<const T>& image, const CellGrid& grid,
                           const KernelTable& kernels);
template <>
Planes<float> cell_colours(const ImageView<const std::uint8_t>& image, const CellGrid& grid,
                           const KernelTable& kernels);
template <>
Planes<float> cell_colours(const ImageView<const std::uint16_t>& image, const CellGrid& grid,
                           const KernelTable& kernels);

// Mean alpha of each cell, 0..1, of a matte for a picture of that width and height.
Planes<float> cell_alpha(const MaskView& matte, std::ptrdiff_t width, std::ptrdiff_t height,
                         const CellGrid& grid, const KernelTable& kernels);

// The mean of each plane over windows of 2 radius + 1 cells each way; at the edges, of what of the
// window lies inside.
Planes<float> box_mean(const Planes<float>& planes, std::size_t count, const CellGrid& grid,
                       std::ptrdiff_t radius, const KernelTable& kernels);

}  // namespace defocus
