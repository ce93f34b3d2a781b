// Undoing the filters that a PNG's rows were stored with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// PNG specification, third edition, clause 9.  `rows` times a filter's number, 0 to 4, and `length`
// bytes; `above` is the finished row over the first one.  `pixel` is the bytes between neighbouring
// samples of one channel, at least 1.  Writes rows * length bytes; returns false, with some of them
// written, if there is a filter of another number.
bool unfilter_png_rows(const std::uint8_t* filtered, std::size_t rows, std::size_t length,
                       std::size_t pixel, const std::uint8_t* above, std::uint8_t* out) noexcept;

}  // namespace defocus
