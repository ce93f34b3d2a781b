// The column taps of every phase, in the samples' own kind.
#pragma once

#include <cstddef>
#include <vector>

#include "core/axis_plan.hpp"

namespace defocus {

// Four taps a phase: the row `y` of the picture is the sum of four wide rows with the taps at
// 4 * y_plan.phase(y).  Where the axis is not multirate, there is one phase, whose four rows are
// one and the same.  Sample is float, or std::int16_t for Q15 taps that sum to 1 exactly.
template <typename Sample>
std::vector<Sample> phase_taps(const AxisPlan& y);

inline std::size_t phase_at(const AxisPlan& plan, std::ptrdiff_t y) noexcept {
    return plan.multirate() ? static_cast<std::size_t>(4 * plan.phase(y)) : 0;
}

}  // namespace defocus
