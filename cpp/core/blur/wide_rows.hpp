// The rows of a blurred image of bytes.  Grid rows are interpolated to full width; a row of the
// image lies between four of them.  The blurred image itself never exists.
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

    // Four flat rows.  Rows y .. y + count - 1 of the image are sums of them: row y + j has the
    // four Q15 taps from 4 j on.  Valid until the next call.  Call it for ascending rows.
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
