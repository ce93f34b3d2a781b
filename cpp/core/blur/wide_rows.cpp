#include "core/blur/wide_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"
#include "core/plan/phase_taps.hpp"

namespace defocus {
namespace {

// The grid pixels that KernelTable::expand_q7 reads of a row; it works on whole groups of pixels.
std::size_t grid_pixels(const AxisPlan& x) noexcept {
    constexpr std::ptrdiff_t group = 32;
    const std::ptrdiff_t width = (x.length + group - 1) / group * group;
    return size(x.support_last(width - 1) - x.support_first(0) + 1);
}

}  // namespace

WideRows::WideRows(CoefficientRows& coefficients, const AxisPlan& x, const AxisPlan& y,
                   std::ptrdiff_t first, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      coefficients_(coefficients),
      grid_(grid_pixels(x) * coefficients.channels(), 1),
      ring_(y.multirate() ? 4 : 1, size(x.length) * coefficients.channels(), 1),
      x_taps_(flat_spline_taps(x, coefficients.channels())),
      y_taps_(phase_taps<std::int16_t>(y)),
      next_(y.support_first(first)) {}

void WideRows::produce() {
    std::int16_t* wide = ring_[next_++].data();
    if (!x_.multirate()) {
        coefficients_.next(wide);
        return;
    }
    coefficients_.next(grid_.data());
    kernels_.expand_q7(grid_.data(), x_taps_.data(), size(x_.stride), coefficients_.channels(),
                       size(x_.length), wide);
}

WideRows::Span WideRows::rows(std::ptrdiff_t y) {
    const std::ptrdiff_t last = y_.support_last(y);
    while (next_ <= last) produce();
    const std::ptrdiff_t first = y_.support_first(y);
    Span span;
    for (std::ptrdiff_t k = 0; k < 4; ++k) span.rows[k] = ring_[std::min(first + k, last)].data();
    span.taps = y_taps_.data() + phase_at(y_, y);
    span.count = y_.multirate() ? y_.stride - y_.phase(y) : 1;
    return span;
}

}  // namespace defocus
