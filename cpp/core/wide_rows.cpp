#include "core/wide_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/phase_taps.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

template <typename Sample>
WideRows<Sample>::WideRows(RowSource& source, const AxisPlan& x, const AxisPlan& y,
                           std::ptrdiff_t first, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      grid_(source, x, y, first, kernels),
      planes_(source.planes()),
      scratch_(size(x.length + x.stride), planes_),
      taps_(phase_taps<Sample>(y)),
      next_(y.support_first(first)) {
    const std::size_t rows = y.multirate() ? 4 : 1;
    if constexpr (std::is_same_v<Sample, float>)
        ring_ = RowRing<float>(rows, size(x.length), planes_);
    else
        ring_ = RowRing<Sample>(rows, size(x.length) * planes_, 1);
}

template <typename Sample>
void WideRows<Sample>::produce() {
    const Planes<float>& grid = grid_.next();
    Planes<Sample>& wide = ring_[next_++];
    const std::size_t lead = x_.multirate() ? size(x_.stride / 2) : 0;
    const std::size_t width = size(x_.length);
    const auto step = size(x_.stride);
    for (std::size_t p = 0; p < planes_; ++p) {
        const float* from = grid.plane(p);
        if constexpr (std::is_same_v<Sample, float>) {
            if (x_.multirate())
                kernels_.expand(from, x_.spline.data(), step, lead + width, scratch_.data());
            std::copy_n(x_.multirate() ? scratch_.data() + lead : from, width, wide.plane(p));
        } else if (x_.multirate()) {
            kernels_.expand_q7(from, x_.spline.data(), step, lead + width, scratch_.plane(p));
        } else {
            kernels_.to_q7(from, width, scratch_.plane(p));
        }
    }
    if constexpr (!std::is_same_v<Sample, float>)
        kernels_.merge_q7(scratch_.data() + lead, scratch_.stride(), width, planes_, wide.data());
}

template <typename Sample>
typename WideRows<Sample>::Span WideRows<Sample>::row(std::ptrdiff_t y) {
    const std::ptrdiff_t last = y_.support_last(y);
    while (next_ <= last) produce();
    const std::ptrdiff_t first = y_.support_first(y);
    Span span;
    for (std::ptrdiff_t k = 0; k < 4; ++k) span.rows[k] = ring_[std::min(first + k, last)].data();
    span.taps = taps_.data() + phase_at(y_, y);
    return span;
}

template class WideRows<float>;
template class WideRows<std::int16_t>;

}  // namespace defocus
