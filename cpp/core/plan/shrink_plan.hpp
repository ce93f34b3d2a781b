// Resampling of one axis by a triangle that is as wide as the scale, but at least one sample: an
// antialiased bilinear filter, as Pillow's BILINEAR.  Pixel centres lie at half-integers; at the
// borders the weights of what is there are brought to a sum of 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace defocus {

// Part of one target sample's window: source samples first .. first + count - 1, with weights
// a + b k.
struct Ramp {
    std::ptrdiff_t first;
    std::ptrdiff_t count;
    float a, b;
};

// Each target sample's window, in ramps short enough for the kernel.
std::vector<std::vector<Ramp>> plan_ramps(std::ptrdiff_t source, std::ptrdiff_t target);

// The same as explicit weights, `taps` a target sample, of which some may be 0.  All lie within the
// source; one that is shorter than `taps` has to be continued to that length by zeros.
struct WeightedColumns {
    std::size_t taps = 0;  // a multiple of 8
    std::vector<std::int32_t> starts;
    std::vector<float> weights;
};

WeightedColumns plan_columns(std::ptrdiff_t source, std::ptrdiff_t target);

}  // namespace defocus
