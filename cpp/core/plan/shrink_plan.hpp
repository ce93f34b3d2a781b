// Resampling of one axis by a triangle that is as wide as the scale, but at least one sample.  This
// is an antialiased bilinear filter like Pillow's BILINEAR.  Pixel centres lie at half-integers.
// At the borders the remaining weights are normalised to a sum of 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace defocus {

// Part of the window of one target sample: source samples first .. first + count - 1 with the
// weights a + b k.
struct Ramp {
    std::ptrdiff_t first;
    std::ptrdiff_t count;
    float a, b;
};

// The window of each target sample, in ramps short enough for the kernel.
std::vector<std::vector<Ramp>> plan_ramps(std::ptrdiff_t source, std::ptrdiff_t target);

// The same as explicit weights: `taps` for each target sample, some of them 0.  All windows lie
// within the source.  A source shorter than `taps` has to be extended by zeros.
struct WeightedColumns {
    std::size_t taps = 0;  // a multiple of 8
    std::vector<std::int32_t> starts;
    std::vector<float> weights;
};

WeightedColumns plan_columns(std::ptrdiff_t source, std::ptrdiff_t target);

}  // namespace defocus
