// The shape of a lens's aperture, which is the shape of a point of light out of focus.
#pragma once

#include <cstddef>
#include <vector>

namespace defocus {

// A disc, or a regular polygon with a corner to the right, sampled on a grid: each grid sample
// weighs as much as the shape covers of the unit square about it.  Column d of the shape covers its
// samples the less the farther they lie from the middle row, so that it is a sum of spans of
// 2 h + 1 samples with positive weights; one tap is a column, a height h and that weight.
struct Aperture {
    struct Tap {
        std::ptrdiff_t column;
        std::ptrdiff_t height;
        float weight;
    };
    std::ptrdiff_t radius = 0;  // of the square about the shape
    std::vector<Tap> taps;      // by height, then column; with their 2 h + 1 samples they sum to 1
};

// `radius` is that of the disc, in grid samples, > 0; a polygon of `blades` sides (3 or more; less
// is a disc) gets the disc's second moment, so that both blur alike.
Aperture make_aperture(double radius, int blades);

}  // namespace defocus
