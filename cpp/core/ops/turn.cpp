#include "core/ops/turn.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// The sides of a tile, whose rows stay in the cache in both images.
constexpr std::ptrdiff_t tile = 64;

// Where the pixels of the new image come from: the first one, and the steps to the pixel below it
// and to its right.
struct Source {
    const std::uint8_t* first;
    std::ptrdiff_t down;
    std::ptrdiff_t right;
};

// `Pixel` as a constant lets the compiler copy a pixel by one or two moves.
template <std::size_t Pixel>
void copy_rows(const Source& from, std::ptrdiff_t top, std::ptrdiff_t bottom, std::ptrdiff_t width,
               std::uint8_t* out) noexcept {
    constexpr std::ptrdiff_t step = signed_size(Pixel);
    for (std::ptrdiff_t y0 = top; y0 < bottom; y0 += tile) {
        const std::ptrdiff_t y1 = std::min(y0 + tile, bottom);
        for (std::ptrdiff_t x0 = 0; x0 < width; x0 += tile) {
            const std::ptrdiff_t x1 = std::min(x0 + tile, width);
            for (std::ptrdiff_t y = y0; y < y1; ++y) {
                const std::uint8_t* in = from.first + y * from.down + x0 * from.right;
                std::uint8_t* to = out + (y * width + x0) * step;
                for (std::ptrdiff_t x = x0; x < x1; ++x, in += from.right, to += step)
                    std::memcpy(to, in, Pixel);
            }
        }
    }
}

using CopyRows = void (*)(const Source&, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t,
                          std::uint8_t*) noexcept;

CopyRows copy_of(std::size_t pixel) noexcept {
    switch (pixel) {
        case 1: return copy_rows<1>;
        case 2: return copy_rows<2>;
        case 3: return copy_rows<3>;
        case 4: return copy_rows<4>;
        case 6: return copy_rows<6>;
        default: return copy_rows<8>;
    }
}

}  // namespace

void turn(const std::uint8_t* in, std::ptrdiff_t height, std::ptrdiff_t width, std::size_t pixel,
          const Turn& how, std::uint8_t* out, const Threads& threads) {
    const std::ptrdiff_t step = signed_size(pixel);
    Source from{in, width * step, step};
    std::ptrdiff_t rows = height, columns = width;
    if (how.transposed) {
        std::swap(rows, columns);
        std::swap(from.down, from.right);
    }
    if (how.upside_down) {
        from.first += (rows - 1) * from.down;
        from.down = -from.down;
    }
    if (how.mirrored) {
        from.first += (columns - 1) * from.right;
        from.right = -from.right;
    }
    const CopyRows copy = copy_of(pixel);
    for_row_bands(
        rows, size(columns * step), threads,
        [&](std::ptrdiff_t first, std::ptrdiff_t last) { copy(from, first, last, columns, out); });
}

}  // namespace defocus
