#include "core/grid_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/phase_taps.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

using Shorts = std::vector<std::int16_t>;
// What code 255 is as a float that was Q7.
constexpr float white = 32640.0f;

}  // namespace

template <typename In, typename Sample>
GridRows<In, Sample>::GridRows(RowSource<In>& source, std::size_t channels, const AxisPlan& x,
                               const AxisPlan& y, std::ptrdiff_t first, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      pyramid_(source, y, y.grid_first_before_fir(first), kernels),
      channels_(channels),
      planes_(source.samples() / size(x.length)),
      x_taps_q15_(std::is_same_v<Sample, float> ? Shorts{} : fir_taps_q15(x)),
      y_taps_q15_(std::is_same_v<Sample, float> ? Shorts{} : fir_taps_q15(y)),
      split_(std::is_same_v<In, Sample> ? 0 : size(x.length), channels),
      extended_(size(x.extended_count()), planes_),
      half_(size(x.extended_count()) + over_read),
      ring_(size(2 * y.radius + 1), size(x.grid_count_before_fir()), planes_),
      column_(size(x.grid_count_before_fir()), planes_),
      out_(size(x.grid_count()), planes_),
      next_filtered_(y.grid_first_before_fir(first)),
      next_(y.grid_first(first)) {}

// Fills the inside of `extended_`.
template <typename In, typename Sample>
void GridRows<In, Sample>::split(const In* flat) {
    const std::size_t width = size(x_.length);
    Sample* inside = extended_.data() - x_.extended_first();
    const std::size_t stride = extended_.stride();
    if constexpr (std::is_same_v<In, float>) {
        kernels_.split_floats(flat, width, channels_, inside, stride);
    } else if constexpr (std::is_same_v<Sample, std::int16_t>) {
        kernels_.split_q7(flat, width, channels_, inside, stride);
    } else {
        kernels_.split_q7(flat, width, channels_, split_.data(), split_.stride());
        for (std::size_t p = 0; p < channels_; ++p)
            kernels_.open_q7(split_.plane(p), width, inside + p * stride);
        for (std::size_t p = channels_; p < planes_; ++p)
            kernels_.open_q7(flat + p * width, width, inside + p * stride);
    }
}

// Splits a row, continues it beyond its borders, and if the row axis is multirate halves it down to
// the grid.
template <typename In, typename Sample>
void GridRows<In, Sample>::filter_row(const In* flat, Planes<Sample>& out) {
    const std::ptrdiff_t first = x_.extended_first();
    const std::ptrdiff_t count = x_.extended_count();
    split(flat);
    for (std::size_t p = 0; p < planes_; ++p) {
        Sample* plane = extended_.plane(p) - first;
        for (std::ptrdiff_t i = first; i < 0; ++i) plane[i] = plane[x_.inside(i)];
        for (std::ptrdiff_t i = x_.length; i < first + count; ++i) plane[i] = plane[x_.inside(i)];
        Sample* from = extended_.plane(p);
        Sample* to = half_.data();
        std::ptrdiff_t n = count;
        for (std::ptrdiff_t d = x_.stride; d > 1; d /= 2) {
            n = (n - 2) / 2;
            if (d == 2) to = out.plane(p);
            if constexpr (std::is_same_v<Sample, float>)
                kernels_.halve(from, size(n), to);
            else
                kernels_.halve_q7(from, size(n), to);
            std::swap(from, to);
        }
        if (!x_.multirate()) std::copy_n(from, n, out.plane(p));
    }
}

template <typename In, typename Sample>
void GridRows<In, Sample>::fir(std::ptrdiff_t m) {
    rows_.clear();
    for (std::ptrdiff_t k = -y_.radius; k <= y_.radius; ++k) rows_.push_back(ring_[m + k].data());
    const std::size_t n = size(x_.grid_count());
    if constexpr (std::is_same_v<Sample, float>) {
        kernels_.fir_columns(rows_.data(), y_.taps.data(), size(y_.radius), column_.size(),
                             column_.data());
        for (std::size_t p = 0; p < planes_; ++p)
            kernels_.fir_row(column_.plane(p), x_.taps.data(), size(x_.radius), n, out_.plane(p));
    } else {
        kernels_.fir_columns_q7(rows_.data(), y_taps_q15_.data(), size(y_.radius), column_.size(),
                                column_.data());
        for (std::size_t p = 0; p < planes_; ++p)
            kernels_.fir_row_q7(column_.plane(p), x_taps_q15_.data(), size(x_.radius), 1, n,
                                out_.plane(p));
    }
}

template <typename In, typename Sample>
void GridRows<In, Sample>::apply_aperture(std::ptrdiff_t m) {
    if constexpr (std::is_same_v<Sample, float>) {
        for (std::size_t p = 0; p < planes_; ++p) {
            rows_.clear();
            for (std::ptrdiff_t k = -y_.radius; k <= y_.radius; ++k)
                rows_.push_back(ring_[m + k].plane(p));
            aperture_->apply(rows_.data(), out_.plane(p));
        }
    }
}

template <typename In, typename Sample>
const Planes<Sample>& GridRows<In, Sample>::next() {
    const std::ptrdiff_t m = next_++;
    for (; next_filtered_ <= m + y_.radius; ++next_filtered_) {
        Planes<Sample>& row = ring_[next_filtered_];
        filter_row(pyramid_.next(), row);
        if constexpr (std::is_same_v<Sample, float>)
            if (highlights_) highlights_->add(next_filtered_, row, channels_, white);
    }
    if (aperture_)
        apply_aperture(m);
    else
        fir(m);
    return out_;
}

template class GridRows<float, float>;
template class GridRows<std::int16_t, std::int16_t>;
template class GridRows<std::int16_t, float>;

}  // namespace defocus
