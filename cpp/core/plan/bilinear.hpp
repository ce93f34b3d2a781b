// Bilinear resampling of one axis.  Pixel centres lie at half-integers, as in Pillow, OpenCV and
// ONNX's "half_pixel".  Beyond the outermost centres the outermost value holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace defocus {

struct BilinearAxis {
    std::vector<std::int32_t> index;   // left neighbour, 0 .. source - 1
    std::vector<float> weight;         // of the right neighbour, 0 <= weight < 1; 0 at the last
    std::vector<std::int32_t> starts;  // starts[m]: the first target sample with index >= m
};

BilinearAxis plan_bilinear(std::ptrdiff_t source, std::ptrdiff_t target);

// The same for a target sample that is `scale` source samples wide.  The two axes need not end
// together.
BilinearAxis plan_bilinear(std::ptrdiff_t source, std::ptrdiff_t target, double scale);

}  // namespace defocus
