// The fused pixel pass of cutout(): one pass over the rows of the result.
#pragma once

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/matte/matte.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The colours of the image with the matte as straight alpha.  `out` is RGBA with packed rows.
template <typename T>
void cutout_stage(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
                  const ImageView<T>& out, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
