// Refinement alone, for whole images: what portrait and cutout do row by row.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/base/planes.hpp"
#include "core/matte/cell_grid.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The matte 0..1 that the guided filter makes of a network's mask.  The image has 8 or 16 bits.
// `out` has its size.  The result does not depend on the number of threads.
template <typename T>
void guided_matte(const ImageView<const T>& image, const MaskView& mask,
                  const ImageView<float>& out, const Threads& threads, const KernelTable& kernels);

// What the guided filter sees: the mean colours of the cells, 0..255, in three planes, and the mask
// at their centres.  A mask of that size gives the same matte.
struct MatteCells {
    CellGrid grid;
    Planes<float> colours, alpha;
};
template <typename T>
MatteCells matte_cells(const ImageView<const T>& image, const MaskView& mask,
                       const KernelTable& kernels);

// The colours of foreground and background in an image with this matte.  The matte may have any
// size.  Outputs are RGB with packed rows.
void unmix(const ImageView<const std::uint8_t>& image, const MaskView& matte,
           const ImageView<std::uint8_t>& foreground, const ImageView<std::uint8_t>& background,
           const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
