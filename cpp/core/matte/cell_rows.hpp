// Planes of a cell grid, interpolated to the size of the image one row at a time.
#pragma once

#include <cstddef>

#include "core/base/planes.hpp"
#include "core/matte/cell_grid.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class CellRows {
  public:
    // Reads `count` planes of `cells`.  Grid and cells must outlive this object.
    CellRows(const CellGrid& grid, const Planes<float>& cells, std::size_t count,
             const KernelTable& kernels);
    // Row y of each plane, interpolated bilinearly.  Only the pixels between cells first .. last
    // are written.  Valid until the next call.
    const Planes<float>& read(std::ptrdiff_t y, std::size_t first, std::size_t last);

  private:
    const CellGrid& grid_;
    const Planes<float>& cells_;
    std::size_t count_;
    const KernelTable& kernels_;
    Planes<float> nodes_;  // cells at the height of the row
    Planes<float> row_;
};

}  // namespace defocus
