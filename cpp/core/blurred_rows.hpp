// The rows of a blurred picture, from top to bottom, without ever holding the picture.
#pragma once

#include <cstddef>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/planes.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Down, blur, up; each step only where its axis is multirate:
//
//   source row -> prefilter down the columns -> along the row      (rows of the grid)
//              -> FIR down the columns -> FIR along the row
//              -> spline along the row -> spline down the columns  (rows of the picture)
//
// The columns come first on the way down because that leaves the strided work along the row for
// one row in D.  What is held: 2 radius + 1 rows of the grid and four rows at full width.
class BlurredRows {
  public:
    // The source must outlive this object and have the plans' size.
    BlurredRows(RowSource& source, const AxisPlan& x, const AxisPlan& y,
                const KernelTable& kernels);

    // Planes of row y, `stride()` floats apart, valid until the next call.  Rows must be asked
    // for in ascending order.
    const float* row(std::ptrdiff_t y);
    std::size_t stride() const noexcept { return size_x(); }

  private:
    std::size_t size_x() const noexcept { return static_cast<std::size_t>(x_.length); }
    void produce_grid_row();
    void produce_wide_row();
    void decimate_into(const PlaneRow& full, PlaneRow& grid);

    RowSource& source_;
    AxisPlan x_, y_;
    const KernelTable& kernels_;
    std::size_t channels_;

    PlaneRow source_row_;
    RowRing columns_;     // the three column windows that a source row falls into
    PlaneRow extended_;   // one plane with its reflected borders
    RowRing grid_;        // grid rows before the FIR
    PlaneRow fir_row_;    // a grid row after the column FIR
    PlaneRow fir_plane_;  // a plane of it after the row FIR
    PlaneRow spans_;      // that plane at full width, from half a cell before the row on
    RowRing wide_;        // FIR'd rows at full width
    PlaneRow out_;

    std::ptrdiff_t next_source_;  // the source row that comes next, in extended coordinates
    std::ptrdiff_t next_grid_;
    std::ptrdiff_t next_wide_;
    std::vector<const float*> rows_;
};

}  // namespace defocus
