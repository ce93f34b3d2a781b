// How an image is blurred by an aperture of any size: grid and shape.
//
// The axes are reduced to cells of D samples as for a Gaussian (axis_plan.hpp).  On that grid the
// shape is small, and costs about the same for any size on the image.  The variance of a disc of
// radius r is r^2 / 4 per axis.  In grid samples the variances add:
//
//     (r / D)^2 / 4  =  (1 - 1 / D^2) / 4  +  r'^2 / 4  +  1 / 12
//                       prefilter             the disc    its sampling by covered area
//
// Borders are held: the best guess of what lies outside a photo is its outermost pixel.  Compared
// with mirroring, the error in a band of one radius along the frame is halved.
#pragma once

#include "core/plan/aperture.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {

struct LensPlan {
    AxisPlan x, y;
    Aperture aperture;
};

// `radius` in pixels, > 0 and finite; at most the long side of the image counts.
LensPlan plan_lens(double radius, int blades, std::ptrdiff_t width, std::ptrdiff_t height);

}  // namespace defocus
