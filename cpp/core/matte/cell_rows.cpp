#include "core/matte/cell_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
CellRows::CellRows(const CellGrid& grid, const Planes<float>& cells, std::size_t count,
                   const KernelTable& kernels)
    : grid_(grid),
      cells_(cells),
      count_(count),
      kernels_(kernels),
      nodes_(size(grid.width) + 1, count),
      row_(grid.x.index.size(), count) {}

const Planes<float>& CellRows::read(std::ptrdiff_t y, std::size_t first, std::size_t last) {
    const std::ptrdiff_t row = grid_.y.index[size(y)];
    const std::size_t upper = grid_.at(row), lower = grid_.at(std::min(row + 1, grid_.height - 1));
    const std::size_t columns = std::min(last + 1, size(grid_.width)) - first;
    for (std::size_t p = 0; p < count_; ++p) {
        float* nodes = nodes_.plane(p) + first;
        kernels_.lerp_rows(cells_.plane(p) + upper + first, cells_.plane(p) + lower + first,
                           grid_.y.weight[size(y)], columns, nodes);
        nodes[columns] = nodes[columns - 1];  // the last cell has no right neighbour
        kernels_.lerp_columns(nodes, grid_.x.starts.data() + first, last - first,
                              grid_.x.weight.data(), grid_.x.index.size(), row_.plane(p));
    }
    return row_;
}

}  // namespace defocus
