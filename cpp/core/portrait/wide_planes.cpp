#include "core/portrait/wide_planes.hpp"

#include <algorithm>

#include "core/base/samples.hpp"
#include "core/plan/phase_taps.hpp"

namespace defocus {

WidePlanes::WidePlanes(BackgroundPlanes<std::uint16_t>& grid, const AxisPlan& x, const AxisPlan& y,
                       std::ptrdiff_t first, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      grid_(grid),
      scratch_(size(x.length + x.stride)),
      ring_(y.multirate() ? 4 : 1, size(x.length), 3),
      taps_(phase_taps<float>(y)),
      next_(y.support_first(first)) {}

void WidePlanes::produce() {
    const auto row = grid_.next();
    Planes<float>& wide = ring_[next_++];
    const std::size_t lead = x_.multirate() ? size(x_.stride / 2) : 0;
    const std::size_t width = size(x_.length);
    for (std::size_t p = 0; p < 3; ++p) {
        const float* from = row.colours + p * row.stride;
        if (x_.multirate()) {
            kernels_.expand(from, x_.spline.data(), size(x_.stride), lead + width, scratch_.data());
            from = scratch_.data() + lead;
        }
        std::copy_n(from, width, wide.plane(p));
    }
}

WidePlanes::Span WidePlanes::rows(std::ptrdiff_t y) {
    const std::ptrdiff_t first = y_.support_first(y), last = y_.support_last(y);
    while (next_ <= last) produce();
    Span span;
    for (std::ptrdiff_t k = 0; k < 4; ++k) span.rows[k] = ring_[std::min(first + k, last)].data();
    span.stride = ring_[last].stride();
    span.taps = taps_.data() + phase_at(y_, y);
    return span;
}

}  // namespace defocus
