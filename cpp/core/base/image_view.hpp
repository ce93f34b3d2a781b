// An image that somebody else owns: where its samples lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

namespace defocus {

// Strides count samples of T, not bytes.  They may be negative, as in a flipped array.
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

    // Whether kernels can take rows as they are: interleaved samples without gaps.
    bool rows_are_packed() const noexcept {
        return (channel_stride == 1 || channels == 1) && (pixel_stride == channels || width == 1);
    }
};

// A mask of any size: floats 0..1 or bytes 0..255.
using MaskView = std::variant<ImageView<const float>, ImageView<const std::uint8_t>>;

// Pixels x .. x + count - 1 of row y: where they lie if the row is packed, else a packed copy in
// `scratch` (count * channels samples).
template <typename T>
const T* packed_run(const ImageView<const T>& image, std::ptrdiff_t y, std::ptrdiff_t x,
                    std::ptrdiff_t count, T* scratch) noexcept {
    const T* run = image.row(y) + x * image.pixel_stride;
    if (image.rows_are_packed()) return run;
    T* out = scratch;
    for (std::ptrdiff_t i = 0; i < count; ++i)
        for (std::ptrdiff_t c = 0; c < image.channels; ++c)
            *out++ = run[i * image.pixel_stride + c * image.channel_stride];
    return scratch;
}

// The same for a whole row.
template <typename T>
const T* packed_row(const ImageView<const T>& image, std::ptrdiff_t y, T* scratch) noexcept {
    return image.rows_are_packed() ? image.row(y) : packed_run(image, y, 0, image.width, scratch);
}

}  // namespace defocus
