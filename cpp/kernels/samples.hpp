// Constants of the sample formats that kernel_table.hpp describes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// Alpha 1 in Q14.
constexpr std::int16_t opaque = 16384;
// 127.5 in Q7.  Centred Q7 runs from -q7_centre (black, or a share of 0) to q7_centre (white, or a
// share of 1).  Two centred samples add up within 16 bits, so that a symmetric FIR can add before
// it multiplies; and interpolation has room to overshoot black and white before it is clamped.
constexpr int q7_centre = 16320;
// White, or a share of 1, in Q7 that is not centred.
constexpr int q7_white = 2 * q7_centre;

// Samples that must be readable behind the last one that a kernel needs: of planes and taps, and of
// rows of alpha.
constexpr std::size_t over_read = 32;
constexpr std::ptrdiff_t alpha_over_read = 8;

}  // namespace defocus
