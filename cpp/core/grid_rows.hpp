// A picture on the plan's coarse grid, blurred there, row by row from top to bottom.
#pragma once

#include <cstddef>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/planes.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// source rows -> prefilter down the columns -> along the row -> FIR down the columns -> along it
//
// An axis that is not multirate has the picture's own grid and no prefilter.  The columns come
// first because that leaves the work along the row, which moves samples about, for one row in D.
// What is held: three windows at full width and 2 radius + 1 rows of the grid.
class GridRows {
  public:
    // The source must outlive this object and have the plans' size.
    // The first grid row is the first that row `first` of the picture needs.
    GridRows(RowSource& source, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
             const KernelTable& kernels);

    // Planes of the next grid row; valid until the next call.
    const Planes<float>& next();

  private:
    void filter_columns();
    void reduce_cell(std::ptrdiff_t cell);
    void filter_row(const float* flat, Planes<float>& out);

    RowSource& source_;
    AxisPlan x_, y_;
    const KernelTable& kernels_;

    RowRing<float> windows_;   // the three prefilter windows that a cell of rows falls into
    Planes<float> extended_;   // a row split into planes, with reflected borders
    std::vector<float> half_;  // a plane on its way down
    RowRing<float> ring_;      // grid rows before the FIR
    Planes<float> column_;     // a grid row after the column FIR
    Planes<float> out_;

    std::ptrdiff_t next_cell_;
    std::ptrdiff_t next_filtered_;
    std::ptrdiff_t next_;
    std::vector<const float*> rows_;
};

}  // namespace defocus
