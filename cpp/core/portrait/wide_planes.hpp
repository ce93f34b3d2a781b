// The blurred background of a 16-bit image at full width: what WideRows is for bytes, in floats and
// planar.
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

    // Four planar rows, planes `stride` apart.  Row y of the image is their sum with four taps.
    // Valid until the next call.  Call it for ascending rows.
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
    std::vector<float> scratch_;  // a plane, beginning half a cell before the row
    RowRing<float> ring_;
    std::vector<float> taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
