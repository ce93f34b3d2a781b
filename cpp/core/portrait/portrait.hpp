// The fused pixel stage of portrait(): one pass over the rows of the result.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/matte/matte.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

struct PortraitRecipe {
    double sigma = 1.0;  // in pixels
    bool masked = true;  // leave the subject out of the blur, so that its colours stay at home
    bool linear = true;  // blur and blend light, as a lens does, not sRGB codes
    // Blur by the shape of an aperture, the second moment of which is the Gaussian's: a disc of
    // radius 2 sigma, or a polygon of so many blades.
    bool aperture = false;
    int blades = 0;
    double highlights = 0.0;  // gain of clipped lights, see Highlights; for apertures and light
    MatteRecipe matte;        // how the mask becomes a matte
    bool one_matte = true;    // the mask and what is excluded from the blur are the same
};

// Matte row, background row, blend: neither the full-size matte nor the blurred picture exists.
// Pixels with alpha 1 keep the samples of `front`, which is the image itself, or another picture of
// its size that is laid over the image's background.  What `excluded` covers is left out of the
// blur; as a rule that is the mask too.  `out` is RGB with packed rows.  Results do not depend on
// the number of threads.  T is std::uint8_t or std::uint16_t.
template <typename T>
void portrait_stage(const ImageView<const T>& image, const ImageView<const T>& front,
                    const MaskView& mask, const MaskView& excluded, const PortraitRecipe& recipe,
                    const ImageView<T>& out, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
