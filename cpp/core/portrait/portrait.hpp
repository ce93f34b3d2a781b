// The fused pixel pass of portrait(): one pass over the rows of the result.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/matte/matte.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

struct PortraitRecipe {
    double sigma = 1.0;  // in pixels
    bool masked = true;  // leave the subject out of the blur
    bool linear = true;  // blur and blend linear light, as a lens does
    // Blur by the shape of an aperture, with the second moment of the Gaussian.  It is a disc of
    // radius 2 sigma, or a polygon with `blades` sides.
    bool aperture = false;
    int blades = 0;
    double highlights = 0.0;  // gain, see find_highlights; needs an aperture and linear light
    MatteRecipe matte;        // how a matte is made of the mask
    bool one_matte = true;    // the mask also says what is left out of the blur
};

// Computes matte row, background row and blend, row by row: neither the full-size matte nor the
// blurred image exists.
// Pixels with alpha 1 keep the samples of `front`.  This is the image itself, or another image of
// its size that is laid over the background of the first.  `excluded` covers what is left out of
// the blur, which is usually the mask too.
// `out` is RGB with packed rows.  With 8 bits it may have a fourth byte, which becomes 255.  The
// result does not depend on the number of threads.  T is std::uint8_t or std::uint16_t.
template <typename T>
void portrait_stage(const ImageView<const T>& image, const ImageView<const T>& front,
                    const MaskView& mask, const MaskView& excluded, const PortraitRecipe& recipe,
                    const ImageView<T>& out, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
