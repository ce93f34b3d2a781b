// The taps of a plan, in the type of the samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/samples.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {

// Four taps for each phase.  Row `y` of the image is the sum of four wide rows with the taps from 4
// * y_plan.phase(y) on.  An axis that is not multirate has one phase, and its four rows are the
// same row.  Sample is float, or std::int16_t for Q15 taps that sum to exactly 1.
template <typename Sample>
std::vector<Sample> phase_taps(const AxisPlan& y);

// One half of the FIR in Q15.  The whole FIR sums to 1 as nearly as Q15 allows.
std::vector<std::int16_t> fir_taps_q15(const AxisPlan& plan);

// The spline's taps in Q15 for flat rows of `channels` samples a pixel.  Tap k of pixel p is
// repeated for each channel, for as many pixels as KernelTable::expand_q7 reads.
std::vector<std::int16_t> flat_spline_taps(const AxisPlan& x, std::size_t channels);

inline std::size_t phase_at(const AxisPlan& plan, std::ptrdiff_t y) noexcept {
    return plan.multirate() ? size(4 * plan.phase(y)) : 0;
}

}  // namespace defocus
