// Distances along the cheapest paths of a grid of pixels.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"

namespace defocus {

// The length of the cheapest path from each pixel to the nearest seed, over eight neighbours.  A
// step costs the mean of both pixels' costs times its length, 1 or the root of 2.  Costs are 0 or
// more.  What is farther than `farthest` gets infinity.  `distances` has packed rows.
void geodesic_distances(const ImageView<const float>& costs,
                        const ImageView<const std::uint8_t>& seeds, float farthest,
                        float* distances);

}  // namespace defocus
