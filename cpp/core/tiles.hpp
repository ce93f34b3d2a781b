// The order in which the samples of a blurred band are visited.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/matte_rows.hpp"
#include "core/wide_rows.hpp"

namespace defocus {

// A piece of row y, from sample x on: the sum of four rows.
struct Tile {
    std::ptrdiff_t y;
    std::size_t x, count;
    const std::int16_t* rows[4];
    const std::int16_t* taps;
};

// Calls visit(tile) for rows first .. last - 1 of `blur` (anything with rows(y)), which have
// `samples` each.  All rows that lie between the same four wide rows take their turns on one piece
// of them, which then comes from the first-level cache for all but the first.
template <typename Blur, typename Visit>
void for_tiles(Blur& blur, std::ptrdiff_t first, std::ptrdiff_t last, std::size_t samples,
               Visit visit) {
    constexpr std::size_t width = 3 * AlphaRows::tile;
    for (std::ptrdiff_t y = first, end; y < last; y = end) {
        const WideRows::Span span = blur.rows(y);
        end = std::min({y + span.count, y + AlphaRows::batch, last});
        for (std::size_t x = 0; x < samples; x += width) {
            Tile tile{y, x, std::min(width, samples - x), {}, span.taps};
            for (int k = 0; k < 4; ++k) tile.rows[k] = span.rows[k] + x;
            for (; tile.y < end; ++tile.y, tile.taps += 4) visit(tile);
        }
    }
}

}  // namespace defocus
