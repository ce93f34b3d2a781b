// A picture that somebody else owns: where its samples lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

namespace defocus {

// Strides count samples of T, not bytes, and may be negative: a flipped or sliced array is
// a view like any other.
template <typename T>
struct ImageView {
    T* data = nullptr;
    std::ptrdiff_t width = 0;
    std::ptrdiff_t height = 0;
    std::ptrdiff_t channels = 1;
    std::ptrdiff_t row_stride = 0;
    std::ptrdiff_t pixel_stride = 0;
    std::ptrdiff_t channel_stride = 1;

    T* row(std::ptrdiff_t y) const noexcept { return data + y * row_stride; }

    // Rows that kernels can take as they are: interleaved samples without gaps.
    bool rows_are_packed() const noexcept {
        return (channel_stride == 1 || channels == 1) && (pixel_stride == channels || width == 1);
    }
};

// A mask of any size, float 0..1 or bytes 0..255.
using MaskView = std::variant<ImageView<const float>, ImageView<const std::uint8_t>>;

// The row itself if it is packed, else a packed copy in `scratch` (width * channels samples).
template <typename T>
const T* packed_row(const ImageView<const T>& image, std::ptrdiff_t y, T* scratch) noexcept {
    const T* row = image.row(y);
    if (image.rows_are_packed()) return row;
    T* out = scratch;
    for (std::ptrdiff_t x = 0; x < image.width; ++x)
        for (std::ptrdiff_t c = 0; c < image.channels; ++c)
            *out++ = row[x * image.pixel_stride + c * image.channel_stride];
    return scratch;
}

}  // namespace defocus
