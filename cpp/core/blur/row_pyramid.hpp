// Rows of an image on coarser and coarser grids: the prefilter down the columns.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Row m of a level is made of rows 2 m - 1 .. 2 m + 2 of the level below.  Level 0 is the image,
// extended beyond its borders.  Four rows of each level are held.
template <typename Sample>
class RowPyramid {
  public:
    // Starts with grid row `first`.  The source must outlive this object and have `y.length` rows.
    RowPyramid(RowSource<Sample>& source, const AxisPlan& y, std::ptrdiff_t first,
               const KernelTable& kernels);

    // The next row of the grid, flat.  Valid until the next call.
    const Sample* next();

  private:
    struct Level {
        RowRing<Sample> rows;
        std::ptrdiff_t next;  // the first row that does not exist yet
    };

    const Sample* row(std::size_t level, std::ptrdiff_t m);
    void make(std::size_t level, std::ptrdiff_t m, Sample* out);

    RowSource<Sample>& source_;
    AxisPlan y_;
    const KernelTable& kernels_;
    std::vector<Level> levels_;  // the coarser ones; none if the axis is not multirate
    std::vector<Sample> image_row_;
    std::ptrdiff_t next_;
};

}  // namespace defocus
