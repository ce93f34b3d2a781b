#include "core/blurred_rows.hpp"

#include <algorithm>

#include "core/reflect.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

std::ptrdiff_t floor_div(std::ptrdiff_t a, std::ptrdiff_t b) noexcept {
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

BlurredRows::BlurredRows(RowSource& source, const AxisPlan& x, const AxisPlan& y,
                         const KernelTable& kernels)
    : source_(source),
      x_(x),
      y_(y),
      kernels_(kernels),
      channels_(source.channels()),
      source_row_(size(x.length), channels_),
      columns_(3, size(x.length), channels_),
      extended_(size(x.extended_count()), 1),
      grid_(size(2 * y.radius + 1), size(x.grid_count_before_fir()), channels_),
      fir_row_(size(x.grid_count_before_fir()), channels_),
      fir_plane_(size(x.grid_count()), 1),
      spans_(size(x.length + x.stride / 2), 1),
      wide_(y.multirate() ? 4 : 1, size(x.length), channels_),
      out_(size(x.length), channels_),
      next_source_(y.extended_first()),
      next_grid_(y.support_first(0) - y.radius),
      next_wide_(y.support_first(0)) {}

// Reflects the borders of each plane and, if the row axis is multirate, decimates it.
void BlurredRows::decimate_into(const PlaneRow& full, PlaneRow& grid) {
    const std::ptrdiff_t first = x_.extended_first();
    const std::ptrdiff_t count = x_.extended_count();
    for (std::size_t c = 0; c < channels_; ++c) {
        const float* plane = full.plane(c);
        float* extended = x_.multirate() ? extended_.data() : grid.plane(c);
        for (std::ptrdiff_t i = first; i < 0; ++i)
            extended[i - first] = plane[reflect(i, x_.length)];
        std::copy_n(plane, x_.length, extended - first);
        for (std::ptrdiff_t i = x_.length; i < first + count; ++i)
            extended[i - first] = plane[reflect(i, x_.length)];
        if (x_.multirate())
            kernels_.decimate(extended, x_.prefilter.data(), x_.prefilter.size(), size(x_.stride),
                              size(x_.grid_count_before_fir()), grid.plane(c));
    }
}

void BlurredRows::produce_grid_row() {
    const std::ptrdiff_t m = next_grid_++;
    if (!y_.multirate()) {
        source_.read(reflect(m, y_.length), source_row_.data(), source_row_.stride());
        decimate_into(source_row_, grid_[m]);
        return;
    }
    // The window of grid row m starts D - 1 rows before cell m and ends D - 2 rows after it, so
    // that a source row in cell c falls into the windows c - 1, c and c + 1.
    const std::ptrdiff_t d = y_.stride;
    const std::ptrdiff_t taps = 3 * d - 2;
    for (const std::ptrdiff_t end = (m + 2) * d - 1; next_source_ < end; ++next_source_) {
        source_.read(reflect(next_source_, y_.length), source_row_.data(), source_row_.stride());
        const std::ptrdiff_t cell = floor_div(next_source_, d);
        const std::ptrdiff_t j = next_source_ - cell * d;
        if (j == 0) {  // the first row of the window after next
            PlaneRow& next = columns_[cell + 1];
            std::fill_n(next.data(), next.size(), 0.0f);
        }
        float weights[3];
        float* sums[3];
        for (std::ptrdiff_t k = 0; k < 3; ++k) {
            const std::ptrdiff_t tap = j + (2 - k) * d - 1;
            weights[k] = 0 <= tap && tap < taps ? y_.prefilter[size(tap)] : 0.0f;
            sums[k] = columns_[cell - 1 + k].data();
        }
        kernels_.accumulate(source_row_.data(), source_row_.size(), weights, sums);
    }
    decimate_into(columns_[m], grid_[m]);
}

void BlurredRows::produce_wide_row() {
    const std::ptrdiff_t m = next_wide_++;
    while (next_grid_ <= m + y_.radius) produce_grid_row();
    rows_.clear();
    for (std::ptrdiff_t k = -y_.radius; k <= y_.radius; ++k) rows_.push_back(grid_[m + k].data());
    kernels_.sum_rows(rows_.data(), y_.taps.data(), rows_.size(), fir_row_.size(), fir_row_.data());
    PlaneRow& wide = wide_[m];
    for (std::size_t c = 0; c < channels_; ++c) {
        float* blurred = x_.multirate() ? fir_plane_.data() : wide.plane(c);
        kernels_.convolve(fir_row_.plane(c), x_.taps.data(), x_.taps.size(), size(x_.grid_count()),
                          blurred);
        if (x_.multirate()) {
            kernels_.expand(blurred, x_.spline.data(), size(x_.stride), spans_.size(),
                            spans_.data());
            std::copy_n(spans_.data() + x_.stride / 2, size_x(), wide.plane(c));
        }
    }
}

const float* BlurredRows::row(std::ptrdiff_t y) {
    const std::ptrdiff_t last = y_.support_last(y);
    while (next_wide_ <= last) produce_wide_row();
    if (!y_.multirate()) return wide_[y].data();

    const std::ptrdiff_t first = y_.support_first(y);
    const std::ptrdiff_t phase = y_.phase(y);
    float taps[4];
    const float* rows[4];
    for (std::ptrdiff_t k = 0; k < 4; ++k) {
        taps[k] = y_.spline[size(k * y_.stride + phase)];
        rows[k] = wide_[first + k].data();
    }
    kernels_.sum_rows(rows, taps, 4, out_.size(), out_.data());
    return out_.data();
}

}  // namespace defocus
