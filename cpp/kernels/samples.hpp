// Constants of the sample formats that kernel_table.hpp describes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// Alpha 1 in Q14, and the factor that brings Q14 to 0..1.
constexpr std::int16_t opaque = 16384;
constexpr float alpha_share = 1.0f / opaque;
// A 16-bit sample is 257 times an 8-bit value.
constexpr float sample16_per_value8 = 257.0f;
constexpr float value8_per_sample16 = 1.0f / sample16_per_value8;
// 127.5 in Q7.  Centred Q7 runs from -q7_centre (black, or a share of 0) to q7_centre (white, or a
// share of 1).  Two centred samples add up within 16 bits, so that a symmetric FIR can add before
// it multiplies.  Interpolation has room to overshoot black and white before it is clamped.
constexpr int q7_centre = 16320;
// White, or a share of 1, in Q7 that is not centred.
constexpr int q7_white = 2 * q7_centre;

// Samples that must be readable behind the last one that a kernel needs: of planes and taps, and of
// rows of alpha.
constexpr std::size_t over_read = 32;
constexpr std::ptrdiff_t alpha_over_read = 8;
// Planes whose sums over windows stand side by side.
constexpr std::size_t box_planes = 4;

}  // namespace defocus
