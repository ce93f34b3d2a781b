// The order in which the samples of a band are visited.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/alpha_reader.hpp"
#include "core/base/image_view.hpp"
#include "core/base/prefetch.hpp"
#include "core/base/samples.hpp"
#include "core/blur/wide_rows.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {

// A piece of row y from sample x on: the sum of four rows with four taps.
struct Tile {
    std::ptrdiff_t y;
    std::size_t x, count;
    const std::int16_t* rows[4];
    const std::int16_t* taps;
};

// Calls visit(tile) for rows first .. last - 1 of `blur`, any object with rows(y).  `plan` is the
// plan of its columns.  All rows between the same four wide rows are visited on one piece of these
// before the next piece.  The piece then comes from the first-level cache for all rows but the
// first.
//
// An image of some megapixels lies in main memory, and the processor's own prefetching stops at
// each page and each end of a tile.  While a tile is computed, two pieces are therefore prefetched.
// One is of the source row that the blur reads next, the other of the output of the next batch.
template <typename Blur, typename In, typename Visit>
void for_tiles(Blur& blur, const AxisPlan& plan, const ImageView<const In>& image,
               const ImageView<std::uint8_t>& out, std::ptrdiff_t first, std::ptrdiff_t last,
               Visit visit) {
    constexpr std::size_t width = 3 * AlphaReader::tile;
    const std::size_t channels = size(image.channels), samples = size(image.width) * channels;
    const std::ptrdiff_t ahead = plan.rows_ahead();
    for (std::ptrdiff_t y = first, end; y < last; y = end) {
        const WideRows::Span span = blur.rows(y);
        end = std::min({y + span.count, y + AlphaReader::batch, last});
        for (std::size_t x = 0; x < samples; x += width) {
            Tile tile{y, x, std::min(width, samples - x), {}, span.taps};
            for (int k = 0; k < 4; ++k) tile.rows[k] = span.rows[k] + x;
            for (; tile.y < end; ++tile.y, tile.taps += 4) {
                if (tile.y + ahead < image.height)
                    prefetch<Access::read>(image.row(tile.y + ahead) + x, tile.count);
                if (tile.y + AlphaReader::batch < last)
                    prefetch<Access::write>(
                        out.row(tile.y + AlphaReader::batch) + x / channels * size(out.channels),
                        tile.count / channels * size(out.channels));
                visit(tile);
            }
        }
    }
}

}  // namespace defocus
