#include "core/plan/lens_plan.hpp"

#include <algorithm>
#include <cmath>

namespace defocus {
namespace {

// With fewer, the rim of the disc begins to look soft: it is about 1.5 grid samples wide.
constexpr double grid_samples_per_radius = 6.0;
// The first halving comes earlier: no photo shows that a rim of three pixels is soft.
constexpr double radius_of_first_halving = 8.0;

}  // namespace

LensPlan plan_lens(double radius, int blades, std::ptrdiff_t width, std::ptrdiff_t height) {
    radius = std::min(radius, static_cast<double>(std::max(width, height)));
    std::ptrdiff_t stride = radius < radius_of_first_halving ? 1 : 2;
    while (radius >= 2.0 * grid_samples_per_radius * static_cast<double>(stride)) stride *= 2;
    double on_grid = radius;
    if (stride > 1) {
        const auto d = static_cast<double>(stride);
        const double others = 0.25 - 0.25 / (d * d) + 1.0 / 12.0;
        on_grid = std::sqrt(radius * radius / (d * d) - 4.0 * others);
    }
    LensPlan plan;
    plan.aperture = make_aperture(on_grid, blades);
    plan.x = plan_grid(width, stride, plan.aperture.radius);
    plan.y = plan_grid(height, stride, plan.aperture.radius);
    return plan;
}

}  // namespace defocus
