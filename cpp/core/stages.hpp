// The fused pixel stages of portrait() and cutout(): one pass over the rows of the result.
#pragma once

#include <cstdint>

#include "core/image_view.hpp"
#include "core/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Matte row, background row, blend: neither the full-size matte nor the blurred picture exists.
// Pixels with alpha 1 keep their bytes.  `masked` leaves the subject out of the blur; without it
// the whole picture is blurred, and the subject's colours with it.  `out` is RGB with packed rows.
void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask, double sigma,
                    bool masked, const ImageView<std::uint8_t>& out, const KernelTable& kernels);

// The image's colours with the matte as straight alpha.  `out` is RGBA with packed rows.
void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, const KernelTable& kernels);

}  // namespace defocus
