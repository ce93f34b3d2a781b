// Specular highlights.  A light source or a glint is far brighter than the white it is stored as.
// Out of focus this lost light makes it shine.
#pragma once

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/blur/highlight_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Finds clipped pixels and the light to add to them: gain * t^2 times white, with t = (min(R, G, B)
// - 250) / 5 within 0..1.
// White walls, skies and lettering are no highlights: around a highlight little else is bright.
// The share of bright background within two radii therefore lowers the gain, smoothly from all at
// .02 to none at .05.  A pixel of 8-bit value 149 is not bright, one of 218 is fully bright.
// The image has 8 or 16 bits.
template <typename T>
Highlights find_highlights(const ImageView<const T>& image, const MaskView& mask, double radius,
                           double gain, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
