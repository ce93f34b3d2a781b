#include "core/matte/cell_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
CellRows::CellRows(const CellGrid& grid, const CellValues& cells, const KernelTable& kernels)
    : grid_(grid), cells_(cells), kernels_(kernels), row_(grid.x.index.size(), cells.count) {}

const Planes<float>& CellRows::read(std::ptrdiff_t y, std::size_t first, std::size_t last) {
    const std::ptrdiff_t row = grid_.y.index[size(y)], below = std::min(row + 1, grid_.height - 1);
    const auto cells = [&](std::ptrdiff_t at) {
        return cells_.values.data() + cells_.count * (grid_.at(at) + first);
    };
    kernels_.lerp_cells(cells(row), cells(below), grid_.y.weight[size(y)],
                        size(grid_.width) - first, grid_.x.starts.data() + first, last - first,
                        cells_.count, grid_.x.weight.data(), grid_.x.index.size(), row_.data(),
                        row_.stride());
    return row_;
}

}  // namespace defocus
