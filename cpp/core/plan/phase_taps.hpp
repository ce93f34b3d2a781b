// Taps of a plan in the samples' own kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/plan/axis_plan.hpp"

namespace defocus {

// Four taps a phase: the row `y` of the picture is the sum of four wide rows with the taps at
// 4 * y_plan.phase(y).  Where the axis is not multirate, there is one phase, whose four rows are
// one and the same.  Sample is float, or std::int16_t for Q15 taps that sum to 1 exactly.
template <typename Sample>
std::vector<Sample> phase_taps(const AxisPlan& y);

// The FIR's taps in Q15, one half, the whole summing to 1 as far as Q15 can hold it.
std::vector<std::int16_t> fir_taps_q15(const AxisPlan& plan);

// The spline's taps for flat rows of `channels` a pixel, in Q15: tap k of pixel p, of any of its
// channels, for as many pixels as KernelTable::expand_q7 wants.
std::vector<std::int16_t> flat_spline_taps(const AxisPlan& x, std::size_t channels);

inline std::size_t phase_at(const AxisPlan& plan, std::ptrdiff_t y) noexcept {
    return plan.multirate() ? static_cast<std::size_t>(4 * plan.phase(y)) : 0;
}

}  // namespace defocus
