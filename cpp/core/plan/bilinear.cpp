#include "core/plan/bilinear.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/samples.hpp"

namespace defocus {

BilinearAxis plan_bilinear(std::ptrdiff_t source, std::ptrdiff_t target) {
    return plan_bilinear(source, target, static_cast<double>(source) / static_cast<double>(target));
}

BilinearAxis plan_bilinear(std::ptrdiff_t source, std::ptrdiff_t target, double scale) {
    BilinearAxis axis;
    axis.index.reserve(size(target));
    axis.weight.reserve(size(target));
    const auto last = static_cast<double>(source - 1);
    for (std::ptrdiff_t i = 0; i < target; ++i) {
        const double position = std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, last);
        const double left = std::floor(position);
        axis.index.push_back(static_cast<std::int32_t>(left));
        axis.weight.push_back(static_cast<float>(position - left));
    }
    axis.starts.resize(size(source) + 1);
    for (std::ptrdiff_t m = 0, i = 0; m <= source; ++m) {
        while (i < target && axis.index[size(i)] < m) ++i;
        axis.starts[size(m)] = static_cast<std::int32_t>(i);
    }
    return axis;
}

}  // namespace defocus
