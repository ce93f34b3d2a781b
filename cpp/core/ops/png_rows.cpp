#include "core/ops/png_rows.hpp"

#include <algorithm>
#include <cstdlib>

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

}  // namespace

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
