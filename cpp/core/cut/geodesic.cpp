#include "core/cut/geodesic.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {

// Dijkstra's algorithm.  The distances do not depend on the order of equal ones.
void geodesic_distances(const ImageView<const float>& costs,
                        const ImageView<const std::uint8_t>& seeds, float farthest,
                        float* distances) {
    using Reached = std::pair<float, std::ptrdiff_t>;
    constexpr float diagonal = 1.41421356f;
    const std::ptrdiff_t width = costs.width, height = costs.height;
    std::fill_n(distances, width * height, std::numeric_limits<float>::infinity());
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> nearest;
    for (std::ptrdiff_t y = 0; y < height; ++y)
        for (std::ptrdiff_t x = 0; x < width; ++x)
            if (seeds.row(y)[x * seeds.pixel_stride] != 0) {
                distances[y * width + x] = 0.0f;
                nearest.emplace(0.0f, y * width + x);
            }
    const auto cost = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
        return costs.row(y)[x * costs.pixel_stride];
    };
    while (!nearest.empty()) {
        const auto [distance, at] = nearest.top();
        nearest.pop();
        if (distance > distances[at]) continue;  // it was reached on a shorter path meanwhile
        const std::ptrdiff_t x = at % width, y = at / width;
        for (std::ptrdiff_t v = std::max(y - 1, std::ptrdiff_t{0}); v < std::min(y + 2, height);
             ++v)
            for (std::ptrdiff_t u = std::max(x - 1, std::ptrdiff_t{0}); u < std::min(x + 2, width);
                 ++u) {
                const float length = (u != x && v != y) ? diagonal : 1.0f;
                const float there = distance + length * 0.5f * (cost(x, y) + cost(u, v));
                if (there > farthest || !(there < distances[v * width + u])) continue;
                distances[v * width + u] = there;
                nearest.emplace(there, v * width + u);
            }
    }
}

}  // namespace defocus
