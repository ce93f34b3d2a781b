#include "core/ops/png_rows.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

enum Filter : std::uint8_t { none, sub, up, average, paeth };

// Whichever of left, above and above left is nearest to left + above - above left.
int nearest(int left, int up, int corner) noexcept {
    const int to_left = std::abs(up - corner), to_up = std::abs(left - corner);
    const int to_corner = std::abs(left + up - 2 * corner);
    if (to_left <= to_up && to_left <= to_corner) return left;
    return to_up <= to_corner ? up : corner;
}

// `Pixel` as a constant lets the compiler keep the pixel to the left in registers.  0 stands for
// any other distance.
template <std::size_t Pixel>
void undo_paeth(const std::uint8_t* in, std::size_t length, std::size_t any_pixel,
                const std::uint8_t* above, std::uint8_t* out) noexcept {
    const std::size_t pixel = Pixel ? Pixel : any_pixel;
    for (std::size_t i = 0; i < std::min(pixel, length); ++i)
        out[i] = static_cast<std::uint8_t>(in[i] + above[i]);
    for (std::size_t i = pixel; i < length; ++i)
        out[i] =
            static_cast<std::uint8_t>(in[i] + nearest(out[i - pixel], above[i], above[i - pixel]));
}

template <std::size_t Pixel>
void undo_average(const std::uint8_t* in, std::size_t length, std::size_t any_pixel,
                  const std::uint8_t* above, std::uint8_t* out) noexcept {
    const std::size_t pixel = Pixel ? Pixel : any_pixel;
    for (std::size_t i = 0; i < std::min(pixel, length); ++i)
        out[i] = static_cast<std::uint8_t>(in[i] + above[i] / 2);
    for (std::size_t i = pixel; i < length; ++i)
        out[i] = static_cast<std::uint8_t>(in[i] + (out[i - pixel] + above[i]) / 2);
}

void undo_sub(const std::uint8_t* in, std::size_t length, std::size_t pixel,
              std::uint8_t* out) noexcept {
    std::copy_n(in, std::min(pixel, length), out);
    for (std::size_t i = pixel; i < length; ++i)
        out[i] = static_cast<std::uint8_t>(in[i] + out[i - pixel]);
}

constexpr std::ptrdiff_t shared_rows = 8;

// One row without gaps.
void store(const ImageView<const std::uint8_t>& image, std::ptrdiff_t y,
           std::uint8_t* out) noexcept {
    const std::uint8_t* in = image.row(y);
    const std::size_t width = size(image.width);
    if (image.rows_are_packed()) {
        std::copy_n(in, width * size(image.channels), out);
    } else if (image.channels == 3 && image.channel_stride == 1 && image.pixel_stride == 4) {
        for (std::size_t x = 0; x + 1 < width; ++x)
            std::memcpy(out + 3 * x, in + 4 * x, 4);  // the next pixel replaces the fourth byte
        std::copy_n(in + 4 * (width - 1), 3, out + 3 * (width - 1));
    } else {
        const std::size_t channels = size(image.channels);
        for (std::ptrdiff_t c = 0; c < image.channels; ++c, in += image.channel_stride)
            for (std::size_t x = 0; x < width; ++x)
                out[x * channels + size(c)] = in[signed_size(x) * image.pixel_stride];
    }
}

// The same, with the high byte of each sample first.
void store(const ImageView<const std::uint16_t>& image, std::ptrdiff_t y,
           std::uint8_t* out) noexcept {
    const std::uint16_t* pixel = image.row(y);
    for (std::ptrdiff_t x = 0; x < image.width; ++x, pixel += image.pixel_stride)
        for (std::ptrdiff_t c = 0; c < image.channels; ++c) {
            const std::uint16_t sample = pixel[c * image.channel_stride];
            *out++ = static_cast<std::uint8_t>(sample >> 8);
            *out++ = static_cast<std::uint8_t>(sample & 255);
        }
}

void subtract(const std::uint8_t* row, const std::uint8_t* other, std::size_t n,
              std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(row[i] - other[i]);
}

// The sum of the differences' sizes, when a difference is taken as -128..127.
std::uint64_t distance(const std::uint8_t* row, const std::uint8_t* other, std::size_t n) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto more = static_cast<std::uint8_t>(row[i] - other[i]);
        const auto less = static_cast<std::uint8_t>(other[i] - row[i]);
        sum += std::min(more, less);
    }
    return sum;
}

// Whether Sub's differences are smaller than 10/11 of Up's.
bool prefers_sub(const std::uint8_t* row, const std::uint8_t* above, std::size_t length,
                 std::size_t pixel) noexcept {
    const std::uint8_t black[8] = {};  // a pixel has no more bytes
    const std::uint64_t left =
        distance(row, black, pixel) + distance(row + pixel, row, length - pixel);
    return 11 * left < 10 * distance(row, above, length);
}

}  // namespace

template <typename T>
void filter_png_rows(const ImageView<const T>& image, std::ptrdiff_t first, std::ptrdiff_t last,
                     std::uint8_t* out) {
    const std::size_t pixel = size(image.channels) * sizeof(T), length = size(image.width) * pixel;
    std::vector<std::uint8_t> row(length), above(length);
    if (first > 0) store(image, first - 1, above.data());
    Filter filter = up;
    for (std::ptrdiff_t y = first; y < last; ++y, out += length) {
        store(image, y, row.data());
        if ((y - first) % shared_rows == 0)
            filter = prefers_sub(row.data(), above.data(), length, pixel) ? sub : up;
        *out++ = filter;
        if (filter == up) {
            subtract(row.data(), above.data(), length, out);
        } else {
            std::copy_n(row.data(), pixel, out);
            subtract(row.data() + pixel, row.data(), length - pixel, out + pixel);
        }
        row.swap(above);
    }
}

template void filter_png_rows(const ImageView<const std::uint8_t>&, std::ptrdiff_t, std::ptrdiff_t,
                              std::uint8_t*);
template void filter_png_rows(const ImageView<const std::uint16_t>&, std::ptrdiff_t, std::ptrdiff_t,
                              std::uint8_t*);

bool unfilter_png_rows(const std::uint8_t* filtered, std::size_t rows, std::size_t length,
                       std::size_t pixel, const std::uint8_t* above, std::uint8_t* out) noexcept {
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint8_t filter = *filtered;
        const std::uint8_t* in = filtered + 1;
        switch (filter) {
            case none: std::copy_n(in, length, out); break;
            case sub: undo_sub(in, length, pixel, out); break;
            case up:
                for (std::size_t i = 0; i < length; ++i)
                    out[i] = static_cast<std::uint8_t>(in[i] + above[i]);
                break;
            case average:
                if (pixel == 6)
                    undo_average<6>(in, length, pixel, above, out);
                else
                    undo_average<0>(in, length, pixel, above, out);
                break;
            case paeth:
                if (pixel == 6)
                    undo_paeth<6>(in, length, pixel, above, out);
                else
                    undo_paeth<0>(in, length, pixel, above, out);
                break;
            default: return false;
        }
        filtered += length + 1;
        above = out;
        out += length;
    }
    return true;
}

}  // namespace defocus
