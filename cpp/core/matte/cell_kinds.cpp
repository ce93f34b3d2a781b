#include "core/matte/cell_kinds.hpp"

#include <algorithm>

namespace defocus {
namespace {

using Kind = AlphaReader::Kind;

// What the coefficients of one cell give for every possible colour.
Kind kind_of(const float* coefficients, float lowest, float highest) noexcept {
    float low = coefficients[3], high = low;
    for (std::size_t c = 0; c < 3; ++c) {
        const float most = 255.0f * coefficients[c];
        low += std::min(most, 0.0f);
        high += std::max(most, 0.0f);
    }
    if (high <= lowest) return Kind::none;
    return low >= highest ? Kind::whole : Kind::mixed;
}

Kind both(Kind a, Kind b) noexcept {
    return a == b ? a : Kind::mixed;
}

}  // namespace

CellKinds::CellKinds(const CellGrid& grid, const CellValues& coefficients, const CellSet& computed,
                     float low, float high)
    : width_(size(grid.width)),
      tiles_across_((grid.x.index.size() + AlphaReader::tile - 1) / AlphaReader::tile),
      kinds_(grid.count()),
      tiles_(size(grid.height) * tiles_across_),
      ends_(grid.count()) {
    for (std::ptrdiff_t row = 0; row < grid.height; ++row) {
        Kind* const kinds = kinds_.data() + grid.at(row);
        const float* const values = coefficients.values.data() + 4 * grid.at(row);
        const auto examine = [&](std::size_t first, std::size_t last) {
            for (std::size_t m = first; m < last; ++m)
                kinds[m] = kind_of(values + 4 * m, low, high);
        };
        const auto take = [&](std::size_t first, std::size_t last) {
            for (std::size_t m = first; m < last; ++m)
                kinds[m] = values[4 * m + 3] == 0.0f ? Kind::none : Kind::whole;
        };
        computed.runs(row, examine, take);
    }
    for (std::ptrdiff_t row = 0; row < grid.height; ++row) {
        Kind* const kinds = kinds_.data() + grid.at(row);
        // The last row has no row below, and the last column no column to its right.
        if (row + 1 < grid.height)
            for (std::size_t m = 0; m < width_; ++m) kinds[m] = both(kinds[m], kinds[m + width_]);
        for (std::size_t m = 0; m + 1 < width_; ++m) kinds[m] = both(kinds[m], kinds[m + 1]);
        std::uint16_t* const ends = ends_.data() + grid.at(row);
        for (std::size_t m = width_; m-- > 0;) {
            const bool last = m + 1 == width_ || kinds[m + 1] != kinds[m];
            ends[m] = last ? static_cast<std::uint16_t>(m + 1) : ends[m + 1];
        }
        examine_tiles(grid, row);
    }
}

CellSet CellKinds::mixed(const CellGrid& grid) const {
    CellSet around(grid.width, grid.height, false);
    for (std::ptrdiff_t row = 0; row < grid.height; ++row)
        for (std::size_t first = 0, last; first < width_; first = last) {
            last = end(row, first);
            if (at(row, first) != Kind::mixed) continue;
            const std::size_t beyond = std::min(last + 1, width_);
            around.add(row, first, beyond);
            if (row + 1 < grid.height) around.add(row + 1, first, beyond);
        }
    return around;
}

void CellKinds::examine_tiles(const CellGrid& grid, std::ptrdiff_t row) {
    const std::size_t width = grid.x.index.size();
    for (std::size_t t = 0; t < tiles_across_; ++t) {
        const std::size_t x = t * AlphaReader::tile;
        const std::size_t last = std::min(x + AlphaReader::tile, width) - 1;
        const std::size_t from = size(grid.x.index[x]), to = size(grid.x.index[last]);
        tiles_[size(row) * tiles_across_ + t] = end(row, from) > to ? at(row, from) : Kind::mixed;
    }
}

}  // namespace defocus
