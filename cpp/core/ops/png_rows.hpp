// Filters the rows of a PNG, and removes the filters.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/image_view.hpp"

namespace defocus {

// PNG specification, third edition, clause 9.  `filtered` holds `rows` times the number of a
// filter, 0 to 4, and `length` bytes.  `above` is the finished row over the first one.  `pixel` >=
// 1 is the distance in bytes of neighbouring samples of one channel.
// Writes rows * length bytes.  Returns false, with some of them written, if a filter has another
// number.
bool unfilter_png_rows(const std::uint8_t* filtered, std::size_t rows, std::size_t length,
                       std::size_t pixel, const std::uint8_t* above, std::uint8_t* out) noexcept;

// Rows first .. last - 1 of an image, each as the number of its filter and its filtered bytes.
// Samples of 16 bits are stored with the high byte first.  Eight rows from `first` on share a
// filter: Up, or Sub where its differences are clearly smaller in the first of them.
// Writes (last - first) * (1 + width * channels * sizeof(T)) bytes.
template <typename T>
void filter_png_rows(const ImageView<const T>& image, std::ptrdiff_t first, std::ptrdiff_t last,
                     std::uint8_t* out);

}  // namespace defocus
