// Single 16-bit samples, held in an int, for the last samples of a row.  The functions do what
// those of vec_shorts.hpp do with vectors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/samples.hpp"

namespace {

using defocus::alpha_share;
using defocus::box_planes;
using defocus::opaque;
using defocus::q7_centre;
using defocus::q7_white;
using defocus::sample16_per_value8;
using defocus::value8_per_sample16;

constexpr std::size_t short_lanes = DEFOCUS_VECTOR_BYTES / sizeof(std::int16_t);

inline int mul_q15(int a, int b) noexcept {
    return (a * b + (1 << 14)) >> 15;
}
inline int add_clamped(int a, int b) noexcept {
    return a + b < -32768 ? -32768 : a + b > 32767 ? 32767 : a + b;
}
inline int select_less(int a, int b, int yes, int no) noexcept {
    return a < b ? yes : no;
}
inline int minimum(int a, int b) noexcept {
    return a < b ? a : b;
}
inline int maximum(int a, int b) noexcept {
    return a > b ? a : b;
}
inline std::uint8_t clamp_byte(int v) noexcept {
    return static_cast<std::uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
}

}  // namespace
