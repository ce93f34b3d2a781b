#include "core/plan/axis_plan.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// With fewer, the shapes of prefilter and B-spline begin to show.
constexpr double grid_samples_per_sigma = 2.0;
// Reach of the FIR on each side, in sigmas.  The tail beyond weighs 6e-5: .016 of an 8-bit level.
constexpr double taps_per_sigma = 4.0;
// A reflected axis repeats with period P = 2 (n - 1).  A Gaussian of sigma = s P leaves exp(-2 pi^2
// s^2) of the fundamental: 1.5e-5 for s = .75.  That is less than any rounding, so a larger sigma
// may be replaced by this one.
constexpr double periods_of_effect = 0.75;
// The reach of `coefficient_taps`.
constexpr std::ptrdiff_t interpolation_margin = 2;

std::vector<float> gaussian_taps(double sigma, std::ptrdiff_t radius) {
    std::vector<double> taps;
    double sum = 0.0;
    for (std::ptrdiff_t i = 0; i <= radius; ++i) {
        const double x = static_cast<double>(i) / sigma;
        taps.push_back(std::exp(-0.5 * x * x));
        sum += i == 0 ? taps.back() : 2.0 * taps.back();
    }
    std::vector<float> normalised;
    for (const double tap : taps) normalised.push_back(static_cast<float>(tap / sum));
    return normalised;
}

std::vector<float> spline_taps(std::ptrdiff_t stride, std::ptrdiff_t period) {
    std::vector<float> taps(size(4 * period));
    for (std::ptrdiff_t p = 0; p < period; ++p) {
        const double t = (static_cast<double>(p % stride) + 0.5) / static_cast<double>(stride);
        const double u = 1.0 - t;
        const double basis[4] = {u * u * u / 6.0, (3 * t * t * t - 6 * t * t + 4) / 6.0,
                                 (3 * u * u * u - 6 * u * u + 4) / 6.0, t * t * t / 6.0};
        for (std::ptrdiff_t k = 0; k < 4; ++k)
            taps[size(k * period + p)] = static_cast<float>(basis[k]);
    }
    return taps;
}

}  // namespace

AxisPlan plan_axis(double sigma, std::ptrdiff_t length, Upsampling upsampling) {
    AxisPlan plan;
    plan.length = length;
    if (length == 1) {  // a single sample is its own reflection
        plan.taps = {1.0f};
        return plan;
    }
    const double period = 2.0 * static_cast<double>(length - 1);
    // A very short axis has a tiny period.  The minimum of 1 keeps its blur.
    sigma = std::min(sigma, std::max(periods_of_effect * period, 1.0));
    while (sigma >= 2.0 * grid_samples_per_sigma * static_cast<double>(plan.stride))
        plan.stride *= 2;

    double fir_sigma = sigma;
    if (plan.multirate()) {
        const auto d = static_cast<double>(plan.stride);
        const bool smoothing = upsampling == Upsampling::smoothing;
        const double spline = smoothing ? d * d / 3.0 : 0.0;
        plan.margin = smoothing ? 0 : interpolation_margin;
        fir_sigma = std::sqrt((sigma * sigma - (d * d - 1.0) / 4.0 - spline) / (d * d));
        plan.spline = spline_taps(plan.stride, plan.spline_period());
    }
    plan.radius = static_cast<std::ptrdiff_t>(std::ceil(taps_per_sigma * fir_sigma));
    plan.taps = gaussian_taps(fir_sigma, plan.radius);
    return plan;
}

AxisPlan plan_grid(std::ptrdiff_t length, std::ptrdiff_t stride, std::ptrdiff_t radius) {
    AxisPlan plan;
    plan.length = length;
    plan.stride = stride;
    plan.radius = radius;
    plan.border = Border::held;
    if (plan.multirate()) {
        plan.margin = interpolation_margin;
        plan.spline = spline_taps(stride, plan.spline_period());
    }
    return plan;
}

}  // namespace defocus
