#include "core/blur/grid_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/base/samples.hpp"
#include "core/plan/phase_taps.hpp"

namespace defocus {
namespace {

// Fills samples first .. -1 and length .. end - 1 of a row.
template <typename Sample>
void continue_borders(Sample* row, const AxisPlan& plan, std::ptrdiff_t first, std::ptrdiff_t end) {
    const std::ptrdiff_t length = plan.length, near = length - 1;
    if (plan.border == Border::held) {
        std::fill(row + first, row, row[0]);
        std::fill(row + length, row + end, row[near]);
        return;
    }
    // Each sample is reflected once without a division.  Tiny images need more than one reflection.
    for (std::ptrdiff_t i = 1; i <= std::min(near, -first); ++i) row[-i] = row[i];
    for (std::ptrdiff_t i = 1; i <= std::min(near, end - length); ++i)
        row[near + i] = row[near - i];
    for (std::ptrdiff_t i = first; i < -near; ++i) row[i] = row[reflect(i, length)];
    for (std::ptrdiff_t i = length + near; i < end; ++i) row[i] = row[reflect(i, length)];
}

using Shorts = std::vector<std::int16_t>;

}  // namespace

template <typename In, typename Sample>
GridRows<In, Sample>::GridRows(RowSource<In>& source, std::size_t channels, const AxisPlan& x,
                               const AxisPlan& y, std::ptrdiff_t first, std::ptrdiff_t last,
                               const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      pyramid_(source, y, y.grid_first_before_fir(first), kernels),
      channels_(channels),
      planes_(source.samples() / size(x.length)),
      x_taps_q15_(std::is_same_v<Sample, float> ? Shorts{} : fir_taps_q15(x)),
      y_taps_q15_(std::is_same_v<Sample, float> ? Shorts{} : fir_taps_q15(y)),
      extended_(size(x.extended_count()), planes_),
      half_(size(x.extended_count()) + over_read),
      ring_(size(2 * y.radius + batch), size(x.grid_count_before_fir()), planes_),
      columns_(size(batch), size(x.grid_count_before_fir()), planes_),
      out_(size(x.grid_count()), planes_),
      next_filtered_(y.grid_first_before_fir(first)),
      next_made_(y.grid_first(first)),
      next_(next_made_),
      end_(y.support_last(last - 1) + y.margin + 1) {}

// Fills the inside of `extended_` with the planes of a row.
template <typename In, typename Sample>
void GridRows<In, Sample>::split(const In* flat) {
    const std::size_t width = size(x_.length);
    In* inside = extended_.data() - x_.extended_first();
    if constexpr (std::is_same_v<In, float>)
        kernels_.split_floats(flat, width, channels_, inside, extended_.stride());
    else
        kernels_.split_q7(flat, width, channels_, inside, extended_.stride());
    for (std::size_t p = channels_; p < planes_; ++p)
        std::copy_n(flat + p * width, width, inside + p * extended_.stride());
}

// Converts a plane of a grid row to the type of the grid.
template <typename In, typename Sample>
void GridRows<In, Sample>::put(const In* row, Sample* out) {
    const std::size_t n = size(x_.grid_count_before_fir());
    if constexpr (std::is_same_v<In, Sample>)
        std::copy_n(row, n, out);
    else
        kernels_.open_q7(row, n, out);
}

// Splits a row into planes and extends it beyond its borders.  If the row axis is multirate, halves
// it down to the grid.
template <typename In, typename Sample>
void GridRows<In, Sample>::filter_row(const In* flat, Planes<Sample>& out) {
    const std::ptrdiff_t first = x_.extended_first();
    const std::ptrdiff_t count = x_.extended_count();
    split(flat);
    for (std::size_t p = 0; p < planes_; ++p) {
        continue_borders(extended_.plane(p) - first, x_, first, first + count);
        In* from = extended_.plane(p);
        In* to = half_.data();
        std::ptrdiff_t n = count;
        for (std::ptrdiff_t d = x_.stride; d > 1; d /= 2) {
            n = (n - 2) / 2;
            if constexpr (std::is_same_v<In, float>)
                kernels_.halve(from, size(n), to);
            else
                kernels_.halve_q7(from, size(n), to);
            std::swap(from, to);
        }
        put(from, out.plane(p));
    }
}

// Makes the grid rows before the FIR, up to `end`.
template <typename In, typename Sample>
void GridRows<In, Sample>::filter_until(std::ptrdiff_t end) {
    for (; next_filtered_ < end; ++next_filtered_) {
        Planes<Sample>& row = ring_[next_filtered_];
        filter_row(pyramid_.next(), row);
        if constexpr (std::is_same_v<Sample, float>)
            if (highlights_) highlights_->add(next_filtered_, row, channels_, q7_white);
    }
}

template <typename In, typename Sample>
void GridRows<In, Sample>::apply_aperture(std::ptrdiff_t m) {
    if constexpr (std::is_same_v<Sample, float>) {
        filter_until(m + y_.radius + 1);
        for (std::size_t p = 0; p < planes_; ++p) {
            rows_.clear();
            for (std::ptrdiff_t k = -y_.radius; k <= y_.radius; ++k)
                rows_.push_back(ring_[m + k].plane(p));
            aperture_->apply(rows_.data(), out_.plane(p));
        }
    }
}

// Runs the column FIR for a batch of rows.
template <typename In, typename Sample>
void GridRows<In, Sample>::produce() {
    const std::ptrdiff_t m = next_made_, count = std::min(batch, end_ - m);
    next_made_ += count;
    filter_until(m + count + y_.radius);
    rows_.clear();
    for (std::ptrdiff_t k = -y_.radius; k < count + y_.radius; ++k)
        rows_.push_back(ring_[m + k].data());
    Sample* out[batch] = {};
    for (std::ptrdiff_t j = 0; j < count; ++j) out[j] = columns_[m + j].data();
    const std::size_t radius = size(y_.radius), n = columns_[m].size();
    if constexpr (std::is_same_v<Sample, float>)
        kernels_.fir_columns(rows_.data(), y_.taps.data(), radius, n, out, size(count));
    else
        kernels_.fir_columns_q7(rows_.data(), y_taps_q15_.data(), radius, n, out, size(count));
}

template <typename In, typename Sample>
const Planes<Sample>& GridRows<In, Sample>::next() {
    const std::ptrdiff_t m = next_++;
    if (aperture_) {
        apply_aperture(m);
        return out_;
    }
    if (m == next_made_) produce();
    const Planes<Sample>& column = columns_[m];
    const std::size_t n = size(x_.grid_count());
    for (std::size_t p = 0; p < planes_; ++p) {
        if constexpr (std::is_same_v<Sample, float>)
            kernels_.fir_row(column.plane(p), x_.taps.data(), size(x_.radius), n, out_.plane(p));
        else
            kernels_.fir_row_q7(column.plane(p), x_taps_q15_.data(), size(x_.radius), 1, n,
                                out_.plane(p));
    }
    return out_;
}

template class GridRows<float, float>;
template class GridRows<std::int16_t, std::int16_t>;
template class GridRows<std::int16_t, float>;

}  // namespace defocus
