// The light that a camera cut off: lamps and glints are far brighter than the white they are stored
// as, and out of focus only that excess makes them shine.
#pragma once

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/blur/highlight_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Which pixels are cut off: t = (min(R, G, B) - 250) / 5, clamped to 0..1; they get gain * t^2 more
// light, in white.  But white walls, skies and lettering are no lamps: within two radii about a
// lamp little else is bright.  The share of bright background there, of pixels from code 149 (not
// at all) to 218 (fully), switches the gain off, smoothly from .02 to .05.
// Of bytes or words.
template <typename T>
Highlights find_highlights(const ImageView<const T>& image, const MaskView& mask, double radius,
                           double gain, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
