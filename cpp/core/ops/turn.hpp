// An image turned by quarters, or mirrored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/parallel.hpp"

namespace defocus {

// What to do to an image, in this order.
struct Turn {
    bool transposed;   // columns become rows
    bool upside_down;  // the last row becomes the first
    bool mirrored;     // the last column becomes the first
};

constexpr bool can_turn(std::size_t pixel) noexcept {
    return (pixel >= 1 && pixel <= 4) || pixel == 6 || pixel == 8;
}

// `in` holds height * width pixels of `pixel` bytes, without gaps.  `out` has room for as many, and
// does not overlap it.  can_turn(pixel) holds.
void turn(const std::uint8_t* in, std::ptrdiff_t height, std::ptrdiff_t width, std::size_t pixel,
          const Turn& how, std::uint8_t* out, const Threads& threads);

}  // namespace defocus
