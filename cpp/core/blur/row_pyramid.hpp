// Rows of a picture on a coarser and coarser grid: the prefilter down the columns.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Row m of one level is made of rows 2 m - 1 .. 2 m + 2 of the level below; level 0 is the picture,
// continued beyond its ends.  Four rows of each level are held.
template <typename Sample>
class RowPyramid {
  public:
    // The source must outlive this object and have `y.length` rows.  Starts with grid row `first`.
    RowPyramid(RowSource<Sample>& source, const AxisPlan& y, std::ptrdiff_t first,
               const KernelTable& kernels);

    // The next row of the plan's grid, flat; valid until the next call.
    const Sample* next();

  private:
    struct Level {
        RowRing<Sample> rows;
        std::ptrdiff_t next;  // the first row that was not made yet
    };

    const Sample* row(std::size_t level, std::ptrdiff_t m);
    void make(std::size_t level, std::ptrdiff_t m, Sample* out);

    RowSource<Sample>& source_;
    AxisPlan y_;
    const KernelTable& kernels_;
    std::vector<Level> levels_;  // from the first coarser one on; none if the axis is not multirate
    std::vector<Sample> picture_row_;
    std::ptrdiff_t next_;
};

}  // namespace defocus
