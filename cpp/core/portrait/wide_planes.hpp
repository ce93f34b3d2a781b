// The blurred background of a picture of 16-bit samples at full width: WideRows in floats, planar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/planes.hpp"
#include "core/plan/axis_plan.hpp"
#include "core/portrait/background_planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class WidePlanes {
  public:
    // Starts with row `first`.  The grid must outlive this object and have the same plans.
    WidePlanes(BackgroundPlanes<std::uint16_t>& grid, const AxisPlan& x, const AxisPlan& y,
               std::ptrdiff_t first, const KernelTable& kernels);

    // Four planar rows, `stride` samples a plane, of which row y of the picture is the sum with
    // four taps.  Valid until the next call.  Rows must be asked for in ascending order.
    struct Span {
        const float* rows[4];
        std::size_t stride;
        const float* taps;
    };
    Span rows(std::ptrdiff_t y);

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    BackgroundPlanes<std::uint16_t>& grid_;
    std::vector<float> scratch_;  // a plane, from half a cell before the row on
    RowRing<float> ring_;
    std::vector<float> taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
