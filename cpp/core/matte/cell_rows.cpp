#include "core/matte/cell_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
CellRows::CellRows(const CellGrid& grid, const CellValues& cells, std::size_t count,
                   const KernelTable& kernels)
    : grid_(grid),
      cells_(cells),
      count_(count),
      kernels_(kernels),
      row_(grid.x.index.size(), count) {}

const Planes<float>& CellRows::read(std::ptrdiff_t y, std::size_t first, std::size_t last) {
    const std::ptrdiff_t row = grid_.y.index[size(y)], below = std::min(row + 1, grid_.height - 1);
    const auto cells = [&](std::ptrdiff_t at) {
        return cells_.data() + cell_values * (grid_.at(at) + first);
    };
    kernels_.lerp_cells(cells(row), cells(below), grid_.y.weight[size(y)],
                        size(grid_.width) - first, grid_.x.starts.data() + first, last - first,
                        count_, grid_.x.weight.data(), grid_.x.index.size(), row_.data(),
                        row_.stride());
    return row_;
}

}  // namespace defocus
