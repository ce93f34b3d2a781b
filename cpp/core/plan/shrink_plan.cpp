#include "core/plan/shrink_plan.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

constexpr std::ptrdiff_t longest = 16;  // rows in one ramp

// A triangle over source samples first .. last - 1.  Those from `top` on lie behind its centre.
struct Window {
    double centre, reach;
    std::ptrdiff_t first, top, last;
    double sum;  // of the weights

    Window(std::ptrdiff_t source, std::ptrdiff_t target, std::ptrdiff_t i) noexcept {
        const double scale = static_cast<double>(source) / static_cast<double>(target);
        reach = std::max(scale, 1.0);
        centre = (static_cast<double>(i) + 0.5) * scale;
        const auto from = [&](double position) {
            return std::clamp(static_cast<std::ptrdiff_t>(std::floor(position + 0.5)),
                              std::ptrdiff_t{0}, source);
        };
        first = from(centre - reach);
        top = from(centre);
        last = from(centre + reach);
        sum = 0.0;
        for (std::ptrdiff_t k = first; k < last; ++k) sum += raw(k);
    }
    // Rounding may place the outermost sample just outside the triangle.
    double raw(std::ptrdiff_t k) const noexcept {
        return std::max(1.0 - std::abs(static_cast<double>(k) + 0.5 - centre) / reach, 0.0);
    }
    float weight(std::ptrdiff_t k) const noexcept { return static_cast<float>(raw(k) / sum); }
};

}  // namespace

std::vector<std::vector<Ramp>> plan_ramps(std::ptrdiff_t source, std::ptrdiff_t target) {
    std::vector<std::vector<Ramp>> plan(size(target));
    for (std::ptrdiff_t i = 0; i < target; ++i) {
        const Window window(source, target, i);
        const auto step = static_cast<float>(1.0 / window.reach / window.sum);
        const auto add = [&](std::ptrdiff_t from, std::ptrdiff_t to, float slope) {
            for (std::ptrdiff_t k = from; k < to; k += longest)
                plan[size(i)].push_back({k, std::min(longest, to - k), window.weight(k), slope});
        };
        add(window.first, window.top, step);
        add(window.top, window.last, -step);
    }
    return plan;
}

WeightedColumns plan_columns(std::ptrdiff_t source, std::ptrdiff_t target) {
    WeightedColumns plan;
    std::vector<Window> windows;
    std::ptrdiff_t most = 1;
    for (std::ptrdiff_t i = 0; i < target; ++i) {
        windows.emplace_back(source, target, i);
        most = std::max(most, windows.back().last - windows.back().first);
    }
    plan.taps = (size(most) + 7) / 8 * 8;
    plan.weights.assign(plan.taps * windows.size(), 0.0f);
    float* weights = plan.weights.data();
    // At the end of the source, taps beyond a window would also lie beyond the source.  Such
    // windows begin earlier.
    const auto last_start = std::max(source - signed_size(plan.taps), std::ptrdiff_t{0});
    for (const Window& window : windows) {
        const std::ptrdiff_t start = std::min(window.first, last_start);
        plan.starts.push_back(static_cast<std::int32_t>(start));
        for (std::ptrdiff_t k = window.first; k < window.last; ++k)
            weights[k - start] = window.weight(k);
        weights += plan.taps;
    }
    return plan;
}

}  // namespace defocus
