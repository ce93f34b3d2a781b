// The rows of a blurred picture of bytes: grid rows interpolated to full width, and the four of
// them that a row of the picture lies between.  The picture itself never exists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/planes.hpp"
#include "core/blur/coefficient_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class WideRows {
  public:
    // Starts with row `first`.  The coefficients must outlive this object and have the same plans.
    WideRows(CoefficientRows& coefficients, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, const KernelTable& kernels);

    // Four flat rows, of which `count` rows of the picture, y and those after it, are sums: row
    // y + j with the Q15 taps from 4 j on.  Valid until the next call.  Rows must be asked for in
    // ascending order.
    struct Span {
        const std::int16_t* rows[4];
        const std::int16_t* taps;
        std::ptrdiff_t count;
    };
    Span rows(std::ptrdiff_t y);

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    CoefficientRows& coefficients_;
    Planes<std::int16_t> grid_;
    RowRing<std::int16_t> ring_;
    std::vector<std::int16_t> x_taps_;
    std::vector<std::int16_t> y_taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
