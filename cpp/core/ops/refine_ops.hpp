// Refinement by itself, for whole pictures: what the fused stages do in passing.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The matte that the photograph's own edges make of a network's mask, 0..1.  The image is of 8 or
// 16 bits.  `out` has its size; it does not depend on the number of threads.
template <typename T>
void guided_matte(const ImageView<const T>& image, const MaskView& mask,
                  const ImageView<float>& out, const Threads& threads, const KernelTable& kernels);

// The foreground's and the background's colours in an image of which `matte` (of any size) is
// foreground; outputs are RGB with packed rows.
void unmix(const ImageView<const std::uint8_t>& image, const MaskView& matte,
           const ImageView<std::uint8_t>& foreground, const ImageView<std::uint8_t>& background,
           const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
