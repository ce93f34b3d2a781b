// The two colours that a soft edge mixes, subject and background, row by row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/parallel.hpp"
#include "core/base/planes.hpp"
#include "core/cells/cell_set.hpp"
#include "core/matte/cell_grid.hpp"
#include "core/matte/cell_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Estimates the colours of foreground and background near each cell: blur-fusion (Forte & Pitie
// 2021) on the grid.  Gives six values of each cell, 0..255: red, green and blue of the foreground,
// then of the background.  Cells that are not wanted have zeros.
CellValues blend_parts(const Planes<float>& colours, const Planes<float>& alpha,
                       const CellGrid& grid, const CellSet& wanted, const Threads& threads,
                       const KernelTable& kernels);

// Separates soft pixels into foreground and background colour.  Pixels with alpha 0 or 1 stay
// unchanged.
class UnmixedRows {
  public:
    UnmixedRows(const CellGrid& grid, const CellValues& parts, const KernelTable& kernels);
    // `pixels`, `alpha` and the outputs belong to pixels x .. x + count - 1 of row y.  `background`
    // may be null.  The image has 8 or 16 bits.
    template <typename T>
    void read(std::ptrdiff_t y, std::size_t x, std::size_t count, const T* pixels,
              const std::int16_t* alpha, T* foreground, T* background);

  private:
    template <typename T>
    void unmix(std::ptrdiff_t y, std::size_t x, std::size_t count, const T* pixels,
               const std::int16_t* alpha, T* foreground, T* background);

    const CellGrid& grid_;
    const KernelTable& kernels_;
    CellRows parts_;
};

}  // namespace defocus
