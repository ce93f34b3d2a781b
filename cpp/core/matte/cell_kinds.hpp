// Where a guided matte is 0 or 1 for every colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/alpha_reader.hpp"
#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/cells/cell_set.hpp"
#include "core/matte/cell_grid.hpp"

namespace defocus {

// The coefficients of four neighbouring cells may give 0 for every colour, or 1 for every colour.
// Then alpha between them is known without a look at the pixels.  That is most of an image.
class CellKinds {
  public:
    using Kind = AlphaReader::Kind;

    CellKinds() = default;
    // Alpha is 0 up to `low` and 1 from `high` on.  Cells that were not computed give 0 or 1.
    CellKinds(const CellGrid& grid, const CellValues& coefficients, const CellSet& computed,
              float low, float high);

    // Between cells `column` and column + 1 of `row` and the row below.
    Kind at(std::ptrdiff_t row, std::size_t column) const noexcept {
        return kinds_[size(row) * width_ + column];
    }
    // The first column behind `column` with another kind, or the width of the grid.
    std::size_t end(std::ptrdiff_t row, std::size_t column) const noexcept {
        return ends_[size(row) * width_ + column];
    }
    // The cells around all places where alpha depends on the colour.
    CellSet mixed(const CellGrid& grid) const;
    // Of all pixels of a tile that lie between `row` and the row below.
    Kind of_tile(std::ptrdiff_t row, std::size_t tile) const noexcept {
        return tiles_[size(row) * tiles_across_ + tile];
    }

  private:
    void examine_tiles(const CellGrid& grid, std::ptrdiff_t row);

    std::size_t width_ = 0, tiles_across_ = 0;
    std::vector<Kind> kinds_, tiles_;
    std::vector<std::uint16_t> ends_;
};

}  // namespace defocus
