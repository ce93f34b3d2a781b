// The fused pixel stages of portrait() and cutout(): one pass over the rows of the result.
#pragma once

#include <cstdint>

#include "core/image_view.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Matte row, background row, blend: neither the full-size matte nor the blurred picture exists.
// Pixels with alpha 1 keep their bytes.  `out` is RGB with packed rows.
void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask, double sigma,
                    const ImageView<std::uint8_t>& out, const KernelTable& kernels);

// The image's colours with the matte as straight alpha.  `out` is RGBA with packed rows.
void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, const KernelTable& kernels);

}  // namespace defocus
