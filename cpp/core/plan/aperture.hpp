// The shape of a lens's aperture.  A point of light that is out of focus gets this shape.
#pragma once

#include <cstddef>
#include <vector>

namespace defocus {

// A disc, or a regular polygon with a corner to the right, sampled on a grid.  The weight of a grid
// sample is the area that the shape covers of the unit square about it.
// Within one column of the shape the weights fall from the middle row outwards.  A column is
// therefore a sum of spans of 2 h + 1 samples with positive weights.  A tap is one such span: a
// column, a height h and a weight.
struct Aperture {
    struct Tap {
        std::ptrdiff_t column;
        std::ptrdiff_t height;
        float weight;
    };
    std::ptrdiff_t radius = 0;  // of the square around the shape
    std::vector<Tap> taps;      // by height, then column; the weights of all their samples sum to 1
};

// `radius` > 0 is the radius of the disc in grid samples.  `blades` of 3 or more give a polygon,
// less give a disc.  The polygon gets the second moment of the disc, so that both blur equally.
Aperture make_aperture(double radius, int blades);

}  // namespace defocus
