// The rows of a blurred picture: grid rows interpolated to full width, and the four of them that
// a row of the picture lies between.  The picture itself never exists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/grid_rows.hpp"
#include "core/planes.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Sample is float (planar rows) or std::int16_t (flat rows in Q7, for pictures of bytes).
template <typename Sample>
class WideRows {
  public:
    // Starts with row `first`.
    WideRows(RowSource& source, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
             const KernelTable& kernels);

    // Four rows and their taps (float, or Q15), the sum of which is row y; valid until the next
    // call.  Rows must be asked for in ascending order.
    struct Span {
        const Sample* rows[4];
        const Sample* taps;
    };
    Span row(std::ptrdiff_t y);
    // Between the planes of planar rows.
    std::size_t stride() const noexcept { return ring_[0].stride(); }

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    GridRows grid_;
    std::size_t planes_;
    Planes<Sample> scratch_;  // planar, from half a cell before the row on
    mutable RowRing<Sample> ring_;
    std::vector<Sample> taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
