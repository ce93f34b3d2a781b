// Minimum cuts and shortest paths of a grid, against slow algorithms that need no data structure.
#include <limits>

#include "core/cut/geodesic.hpp"
#include "core/cut/grid_cut.hpp"
#include "fuzz/cases.hpp"
#include "fuzz/picture.hpp"

namespace defocus::fuzz {
namespace {

// Capacities between all pairs of nodes: the pixels, then the source, then the sink.
class Flow {
  public:
    Flow(const ImageView<const std::int32_t>& weights, const ImageView<const std::int32_t>& unary)
        : pixels_(size(unary.height * unary.width)), left_((pixels_ + 2) * (pixels_ + 2), 0) {
        const std::size_t width = size(unary.width);
        for (std::size_t a = 0; a < pixels_; ++a) {
            const std::ptrdiff_t y = signed_size(a / width), x = signed_size(a % width);
            const std::int32_t cost = sample(unary, y, x);
            left(source(), a) = std::max(cost, 0);
            left(a, sink()) = std::max(-cost, 0);
            for (std::ptrdiff_t d = 0; d < 4; ++d) {
                const std::ptrdiff_t v = y + steps_down[size(d)], u = x + steps_right[size(d)];
                if (v >= unary.height || u < 0 || u >= unary.width) continue;
                const std::size_t b = size(v) * width + size(u);
                left(a, b) = left(b, a) = sample(weights, y, x, d);
            }
        }
    }

    // Augments the shortest path (Edmonds and Karp) until there is none.
    std::int64_t maximum() {
        std::int64_t flow = 0;
        while (search()) {
            std::int64_t most = std::numeric_limits<std::int64_t>::max();
            for (std::size_t b = sink(); b != source(); b = before_[b])
                most = std::min(most, left(before_[b], b));
            for (std::size_t b = sink(); b != source(); b = before_[b]) {
                left(before_[b], b) -= most;
                left(b, before_[b]) += most;
            }
            flow += most;
        }
        return flow;
    }
    // Whether the source still reaches a pixel: these make the smallest subject.
    bool reached(std::size_t pixel) const { return before_[pixel] != none; }

  private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::size_t source() const { return pixels_; }
    std::size_t sink() const { return pixels_ + 1; }
    std::int64_t& left(std::size_t a, std::size_t b) { return left_[a * (pixels_ + 2) + b]; }

    bool search() {
        before_.assign(pixels_ + 2, none);
        before_[source()] = source();
        std::vector<std::size_t> queue{source()};
        for (std::size_t next = 0; next < queue.size(); ++next)
            for (std::size_t b = 0; b < pixels_ + 2; ++b)
                if (before_[b] == none && left(queue[next], b) > 0) {
                    before_[b] = queue[next];
                    queue.push_back(b);
                }
        return before_[sink()] != none;
    }

    std::size_t pixels_;
    std::vector<std::int64_t> left_;
    std::vector<std::size_t> before_;
};

// Few different numbers, so that many divisions cost the same, or any.
double greatest(Input& in, double bound) {
    const double scales[] = {1, 3, 60, bound};
    return scales[in.byte() % 4];
}

void grid_cut(Input& in) {
    const Size size{signed_size(in.number(1, 7)), signed_size(in.number(1, 8))};
    const auto weights =
        picture<std::int32_t>(in, size, 4, 0, greatest(in, GridCut::greatest_weight));
    GridCut cut(weights.view);
    for (std::size_t times = in.number(1, 4); times > 0; --times) {
        const double most = greatest(in, GridCut::hard);
        const auto unary = picture<std::int32_t>(in, size, 1, -most, most);
        std::vector<std::uint8_t> subject(defocus::size(size.height * size.width));
        cut.solve(unary.view, subject.data());
        Flow flow(weights.view, unary.view);
        const std::int64_t energy = flow.maximum();
        if (cut.energy() != energy)
            fail("energy", "the maximum flow", times, static_cast<double>(cut.energy()),
                 static_cast<double>(energy));
        for (std::size_t i = 0; i < subject.size(); ++i)
            if (subject[i] != (flow.reached(i) ? 1 : 0))
                fail("subject", "the smallest one", i, subject[i], flow.reached(i));
    }
}

void geodesic(Input& in) {
    const Size size{signed_size(in.number(1, 12)), signed_size(in.number(1, 12))};
    const auto costs = picture<float>(in, size, 1, 0, in.flag() ? 1 : 1000);
    const auto seeds = picture<std::uint8_t>(in, size, 1, 0, in.flag() ? 1 : 255);
    const float endless = std::numeric_limits<float>::infinity();
    const float farthest = in.flag() ? endless : in.real(0, 300);
    std::vector<float> got(defocus::size(size.height * size.width));
    geodesic_distances(costs.view, seeds.view, farthest, got.data());
    // Bellman and Ford: every step is tried until none is shorter.
    std::vector<double> want(got.size(), std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < want.size(); ++i)
        if (sample(seeds.view, signed_size(i) / size.width, signed_size(i) % size.width) != 0)
            want[i] = 0.0;
    for (bool changed = true; changed;) {
        changed = false;
        for (std::ptrdiff_t i = 0; i < size.height * size.width; ++i)
            for (std::ptrdiff_t d = 0; d < 9; ++d) {
                const std::ptrdiff_t y = i / size.width, x = i % size.width;
                const std::ptrdiff_t v = y + d / 3 - 1, u = x + d % 3 - 1;
                if (v < 0 || v >= size.height || u < 0 || u >= size.width) continue;
                const double cost = static_cast<double>(sample(costs.view, y, x)) +
                                    static_cast<double>(sample(costs.view, v, u));
                const double length = (v != y && u != x) ? std::sqrt(2.0) : 1.0;
                const double there = want[defocus::size(i)] + length * 0.5 * cost;
                double& known = want[defocus::size(v * size.width + u)];
                if (there < known) known = there, changed = true;
            }
    }
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double limit = static_cast<double>(farthest), slack = 1e-5 * want[i] + 1e-6;
        if (std::isinf(want[i]) ? std::isinf(got[i])
                                : std::fabs(static_cast<double>(got[i]) - want[i]) <= slack)
            continue;
        if (std::isinf(got[i]) && want[i] >= limit - slack) continue;
        fail("distance", "the shortest path", i, static_cast<double>(got[i]), want[i]);
    }
}

}  // namespace

std::vector<Case> cut_cases() {
    return {{"GridCut", grid_cut}, {"geodesic_distances", geodesic}};
}

}  // namespace defocus::fuzz
