#include "core/plan/phase_taps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

void tap_of(const AxisPlan& y, std::ptrdiff_t phase, float* tap) {
    for (std::ptrdiff_t k = 0; k < 4; ++k) tap[k] = y.spline[size(k * y.spline_period() + phase)];
}

}  // namespace

template <>
std::vector<float> phase_taps(const AxisPlan& y) {
    if (!y.multirate()) return {1.0f, 0.0f, 0.0f, 0.0f};
    std::vector<float> taps(size(4 * y.stride));
    for (std::ptrdiff_t p = 0; p < y.stride; ++p) tap_of(y, p, taps.data() + 4 * p);
    return taps;
}

template <>
std::vector<std::int16_t> phase_taps(const AxisPlan& y) {
    if (!y.multirate()) return {16384, 16384, 0, 0};  // Q15 cannot hold 1
    std::vector<std::int16_t> taps;
    for (std::ptrdiff_t p = 0; p < y.stride; ++p) {
        float tap[4];
        tap_of(y, p, tap);
        long q15[4], left = 32768;
        for (int k = 0; k < 4; ++k) left -= q15[k] = std::lround(tap[k] * 32768.0f);
        *std::max_element(q15, q15 + 4) += left;  // the rounding error of all four
        for (const long q : q15) taps.push_back(static_cast<std::int16_t>(q));
    }
    return taps;
}

std::vector<std::int16_t> fir_taps_q15(const AxisPlan& plan) {
    std::vector<std::int16_t> taps(plan.taps.size());
    long middle = 32768;
    for (std::size_t k = 1; k < taps.size(); ++k) {
        taps[k] = static_cast<std::int16_t>(std::lround(plan.taps[k] * 32768.0f));
        middle -= 2 * taps[k];
    }
    taps[0] = static_cast<std::int16_t>(std::min(middle, 32767L));
    return taps;
}

std::vector<std::int16_t> flat_spline_taps(const AxisPlan& x, std::size_t channels) {
    constexpr std::size_t least_period = 32;
    const std::vector<std::int16_t> phases = phase_taps<std::int16_t>(x);
    const std::size_t count = phases.size() / 4;
    const std::size_t period = std::max(count, least_period);
    std::vector<std::int16_t> taps;
    for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t p = 0; p < period; ++p)
            taps.insert(taps.end(), channels, phases[(p + count / 2) % count * 4 + k]);
    return taps;
}

}  // namespace defocus
