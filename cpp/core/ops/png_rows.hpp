// Removes the filters from the rows of a PNG.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

// PNG specification, third edition, clause 9.  `filtered` holds `rows` times the number of a
// filter, 0 to 4, and `length` bytes.  `above` is the finished row over the first one.  `pixel` >=
// 1 is the distance in bytes of neighbouring samples of one channel.
// Writes rows * length bytes.  Returns false, with some of them written, if a filter has another
// number.
bool unfilter_png_rows(const std::uint8_t* filtered, std::size_t rows, std::size_t length,
                       std::size_t pixel, const std::uint8_t* above, std::uint8_t* out) noexcept;

}  // namespace defocus
