#include "core/blur/float_rows.hpp"

#include <algorithm>

#include "core/base/samples.hpp"
#include "core/plan/phase_taps.hpp"

namespace defocus {
FloatRows::FloatRows(const ImageView<const float>& image, const AxisPlan& x, const AxisPlan& y,
                     std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      source_(image, kernels),
      planes_(size(image.channels)),
      grid_(source_, planes_, x, y, first, last, kernels),
      scratch_(size(x.length + x.stride)),
      ring_(y.multirate() ? 4 : 1, size(x.length), planes_),
      sum_(size(x.length), planes_),
      taps_(phase_taps<float>(y)),
      next_(y.support_first(first)) {}

void FloatRows::produce() {
    const Planes<float>& grid = grid_.next();
    Planes<float>& wide = ring_[next_++];
    const std::size_t lead = x_.multirate() ? size(x_.stride / 2) : 0;
    const std::size_t width = size(x_.length);
    for (std::size_t p = 0; p < planes_; ++p) {
        const float* from = grid.plane(p);
        if (x_.multirate()) {
            kernels_.expand(from, x_.spline.data(), size(x_.stride), lead + width, scratch_.data());
            from = scratch_.data() + lead;
        }
        std::copy_n(from, width, wide.plane(p));
    }
}

void FloatRows::read(std::ptrdiff_t y, float* out) {
    const std::ptrdiff_t first = y_.support_first(y), last = y_.support_last(y);
    while (next_ <= last) produce();
    const float* rows[4];
    for (std::ptrdiff_t k = 0; k < 4; ++k) rows[k] = ring_[std::min(first + k, last)].data();
    kernels_.spline_floats(rows, taps_.data() + phase_at(y_, y), sum_.size(), sum_.data());
    kernels_.merge_floats(sum_.data(), sum_.stride(), size(x_.length), planes_, out);
}

}  // namespace defocus
