// Makes a matte whose edges follow the photo from a network's mask.
#pragma once

#include <cstddef>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/base/planes.hpp"
#include "core/cells/cell_set.hpp"
#include "core/matte/cell_grid.hpp"
#include "core/matte/cell_kinds.hpp"
#include "core/matte/guide_pass.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The mask, interpolated at the centres of the cells of an image of that width and height.  A mask
// of the size of the grid holds these values already, and is copied.
Planes<float> mask_of_cells(const MaskView& mask, const CellGrid& grid, std::ptrdiff_t width,
                            std::ptrdiff_t height, const KernelTable& kernels);

// The fast guided filter (He & Sun 2015, "Fast guided filter"), run twice.  In every window of
// cells the mask is modelled as a . I + b, with I the colour.  A pixel takes the means of a and b
// over the windows of its cell.  A smoothstep after each run restores the contrast that averaging
// takes.
// The object is immutable: any number of threads may read it.
class GuidedMatte {
  public:
    // The image has 8 or 16 bits.
    template <typename T>
    GuidedMatte(const ImageView<const T>& image, const MaskView& mask, const Threads& threads,
                const KernelTable& kernels);

    static constexpr Ends ends{0.05f, 0.95f};
    const CellGrid& grid() const noexcept { return grid_; }
    // Four values of each cell: a of red, green and blue, in 1/255, and b.
    const CellValues& coefficients() const noexcept { return coefficients_; }
    const Planes<float>& colours() const noexcept { return colours_; }
    const CellKinds& kinds() const noexcept { return kinds_; }
    // The alpha of the mean colour of each cell.
    const Planes<float>& alpha() const noexcept { return alpha_; }

  private:
    void put_coefficients(const Planes<float>& made, const CellSet& computed, std::ptrdiff_t row);

    CellGrid grid_;
    Planes<float> colours_;
    CellValues coefficients_;
    Planes<float> alpha_;
    CellKinds kinds_;
};

}  // namespace defocus
