// Planes of a cell grid, interpolated to the size of the image one row at a time.
#pragma once

#include <cstddef>

#include "core/base/planes.hpp"
#include "core/matte/cell_grid.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class CellRows {
  public:
    // Each cell has 4 or 6 values.  Grid and cells must outlive this object.
    CellRows(const CellGrid& grid, const CellValues& cells, const KernelTable& kernels);
    // Row y of each plane, interpolated bilinearly.  Only the pixels between cells first .. last
    // are written.  Valid until the next call.
    const Planes<float>& read(std::ptrdiff_t y, std::size_t first, std::size_t last);

  private:
    const CellGrid& grid_;
    const CellValues& cells_;
    const KernelTable& kernels_;
    Planes<float> row_;
};

}  // namespace defocus
