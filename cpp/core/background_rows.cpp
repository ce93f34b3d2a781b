#include "core/background_rows.hpp"

#include <algorithm>
#include <limits>

#include "core/phase_taps.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

// What full scale is in a wide row: 255 codes in Q7, or light 1 as the kernels have it.
constexpr float code_scale = 128.0f, light_scale = 32000.0f;
// Weights that differ by less than this share move no colour by more than .03 of a level.
constexpr float alike = 1e-4f;

}  // namespace

BackgroundRows::BackgroundRows(BackgroundSource& source, const AxisPlan& x, const AxisPlan& y,
                               bool linear, std::ptrdiff_t first, const KernelTable& kernels)
    : x_(x),
      y_(y),
      scale_(linear ? light_scale : code_scale),
      kernels_(kernels),
      grid_(source, x, y, first, kernels),
      planes_(size(x.length + x.stride), 4),
      quotients_(planes_.stride(), 3),
      colours_(y.multirate() ? 4 : 1, 3 * size(x.length), 1),
      weights_(y.multirate() ? 4 : 1, size(x.length), 1),
      q15_(phase_taps<std::int16_t>(y)),
      taps_(phase_taps<float>(y)),
      mixed_(size(x.length) / cell + 1),
      compared_(std::numeric_limits<std::ptrdiff_t>::min()),
      next_(y.support_first(first)) {}

void BackgroundRows::produce() {
    const Planes<float>& grid = grid_.next();
    const std::size_t width = size(x_.length);
    const std::size_t lead = x_.multirate() ? size(x_.stride / 2) : 0;
    for (std::size_t p = 0; p < 4; ++p) {
        if (x_.multirate())
            kernels_.expand(grid.plane(p), x_.spline.data(), size(x_.stride), lead + width,
                            planes_.plane(p));
        else
            std::copy_n(grid.plane(p), width, planes_.plane(p));
    }
    kernels_.normalise(planes_.data() + lead, planes_.stride(), width, scale_,
                       quotients_.data() + lead);
    kernels_.merge_q7(quotients_.data() + lead, quotients_.stride(), width, 3,
                      colours_[next_].data());
    std::copy_n(planes_.plane(3) + lead, width, weights_[next_].data());
    ++next_;
}

void BackgroundRows::compare_weights(const Span& span) {
    const std::size_t width = size(x_.length);
    for (std::size_t c = 0; c * cell < width; ++c) {
        const std::size_t end = std::min((c + 1) * cell, width);
        bool differ = false;
        for (std::size_t x = c * cell; x < end; ++x) {
            const float a = span.weights[0][x], b = span.weights[1][x];
            const float d = span.weights[2][x], e = span.weights[3][x];
            const float low = std::min(std::min(a, b), std::min(d, e));
            const float high = std::max(std::max(a, b), std::max(d, e));
            differ |= high - low > alike * high;
        }
        mixed_[c] = differ ? 1 : 0;
    }
}

BackgroundRows::Span BackgroundRows::row(std::ptrdiff_t y) {
    const std::ptrdiff_t first = y_.support_first(y), last = y_.support_last(y);
    while (next_ <= last) produce();
    Span span;
    for (std::ptrdiff_t k = 0; k < 4; ++k) {
        const std::ptrdiff_t m = std::min(first + k, last);
        span.colours[k] = colours_[m].data();
        span.weights[k] = weights_[m].data();
    }
    span.q15 = q15_.data() + phase_at(y_, y);
    span.taps = taps_.data() + phase_at(y_, y);
    if (compared_ != last) compare_weights(span);
    compared_ = last;
    span.mixed = mixed_.data();
    return span;
}

}  // namespace defocus
