// The rows of a blurred picture of bytes: grid rows interpolated to full width, and the four of
// them that a row of the picture lies between.  The picture itself never exists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/coefficient_rows.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class WideRows {
  public:
    // Starts with row `first`.  The coefficients must outlive this object and have the same plans.
    WideRows(CoefficientRows& coefficients, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, const KernelTable& kernels);

    // Four flat rows and their Q15 taps, the sum of which is row y; valid until a row is asked for
    // that needs other rows.  Rows must be asked for in ascending order.
    struct Span {
        const std::int16_t* rows[4];
        const std::int16_t* taps;
    };
    Span row(std::ptrdiff_t y);

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    CoefficientRows& coefficients_;
    std::size_t lead_;  // samples before the row, where its first cell begins
    Planes<std::int16_t> grid_;
    RowRing<std::int16_t> ring_;
    std::vector<std::int16_t> x_taps_;
    std::vector<std::int16_t> y_taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
