#include "core/portrait/background_planes.hpp"

#include <cstdint>

#include "core/base/samples.hpp"

namespace defocus {
template <typename T>
BackgroundPlanes<T>::BackgroundPlanes(const ImageView<const T>& image, MatteTiles<T>& tiles,
                                      bool linear, const AxisPlan& x, const AxisPlan& y,
                                      std::ptrdiff_t first, std::ptrdiff_t last,
                                      const KernelTable& kernels)
    : x_(x),
      y_(y),
      linear_(linear),
      kernels_(kernels),
      source_(image, tiles, linear, kernels),
      grid_(source_, 3, x, y, first, last, kernels),
      finished_(size(2 * y.margin + 1), size(x.grid_count()), 3),
      column_(size(x.grid_count()), 3),
      row_(size(x.support_count()), 3),
      next_finished_(y.grid_first(first)),
      next_(y.support_first(first)) {}

// The next row as coefficients of the splines down the columns.
template <typename T>
const float* BackgroundPlanes<T>::columns() {
    const std::ptrdiff_t m = next_++;
    for (; next_finished_ <= m + y_.margin; ++next_finished_) {
        const Planes<float>& shares = grid_.next();
        kernels_.normalise(shares.data(), shares.stride(), size(x_.grid_count()), linear_,
                           finished_[next_finished_].data());
    }
    if (y_.margin == 0) return finished_[m].data();
    const float* rows[5];
    for (std::ptrdiff_t k = 0; k < 5; ++k) rows[k] = finished_[m - 2 + k].data();
    float* const out = column_.data();
    kernels_.fir_columns(rows, coefficient_taps, 2, column_.size(), &out, 1);
    return out;
}

template <typename T>
typename BackgroundPlanes<T>::Row BackgroundPlanes<T>::next() {
    const float* from = columns();
    if (x_.margin == 0) return {from, column_.stride()};
    for (std::size_t p = 0; p < 3; ++p)
        kernels_.fir_row(from + p * column_.stride(), coefficient_taps, 2, size(x_.support_count()),
                         row_.plane(p));
    return {row_.data(), row_.stride()};
}

template class BackgroundPlanes<std::uint8_t>;
template class BackgroundPlanes<std::uint16_t>;

}  // namespace defocus
