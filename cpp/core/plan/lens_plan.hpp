// How a picture is blurred by the aperture of a lens, of any size: grid and shape.
//
// The axes are cut into cells of D samples and reduced to them as for a Gaussian (axis_plan.hpp);
// on that grid the shape is a small one, and costs about the same whatever it is on the picture.
// Per axis, in grid samples, the variance of a disc of radius r is r^2 / 4, and variances add:
//
//     (r / D)^2 / 4  =  (1 - 1 / D^2) / 4  +  r'^2 / 4  +  1 / 12
//                       prefilter             the disc    its sampling by covered area
//
// Borders are held: what lies outside a photograph is best guessed as its outermost pixel.  Against
// mirroring, that takes half of the error from a band of one radius along the frame.
#pragma once

#include "core/plan/aperture.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {

struct LensPlan {
    AxisPlan x, y;
    Aperture aperture;
};

// `radius` in pixels, > 0 and finite; one beyond the picture's long side is lowered to it.
LensPlan plan_lens(double radius, int blades, std::ptrdiff_t width, std::ptrdiff_t height);

}  // namespace defocus
