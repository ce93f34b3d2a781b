#include "core/grid_rows.hpp"

#include <algorithm>

#include "core/reflect.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

// Window sums from moments.  With j the row of the cell, the prefilter's unnormalised weights are
//     rising  j (j + 1) / 2             in the window of the next cell
//     falling (D - 1 - j)(D - j) / 2    in the window of the cell before
//     D^2 - rising - falling            in the cell's own
// A group of `count` rows starting at `offset` counts k = count .. 1; put j = offset + count - k.
struct GroupFactors {
    float f[9];
    GroupFactors(std::ptrdiff_t stride, std::ptrdiff_t offset, std::size_t count) {
        const auto d = static_cast<double>(stride);
        const double g = static_cast<double>(offset) + static_cast<double>(count);
        const double e = d - g;
        const double falling[3] = {e * (e - 1) / 2, e - 1, 1};
        const double rising[3] = {g * (g + 1) / 2, -(g + 1), 1};
        const double all[3] = {d * d, 0, 0};
        for (int m = 0; m < 3; ++m) {
            const double scale = 1.0 / (d * d * d);
            f[m] = static_cast<float>(falling[m] * scale);
            f[3 + m] = static_cast<float>((all[m] - rising[m] - falling[m]) * scale);
            f[6 + m] = static_cast<float>(rising[m] * scale);
        }
    }
};

}  // namespace

GridRows::GridRows(RowSource& source, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                   const KernelTable& kernels)
    : source_(source),
      x_(x),
      y_(y),
      kernels_(kernels),
      windows_(y.multirate() ? 3 : 1, source.samples(), 1),
      extended_(size(x.extended_count()), source.planes()),
      half_(size(x.extended_count())),
      ring_(size(2 * y.radius + 1), size(x.grid_count_before_fir()), source.planes()),
      column_(size(x.grid_count_before_fir()), source.planes()),
      out_(size(x.grid_count()), source.planes()),
      next_cell_(y.support_first(first) - y.radius - 1),
      next_filtered_(y.support_first(first) - y.radius),
      next_(y.support_first(first)) {}

void GridRows::reduce_cell(std::ptrdiff_t cell) {
    const std::ptrdiff_t d = y_.stride;
    Planes<float>& following = windows_[cell + 1];
    std::fill_n(following.data(), following.size(), 0.0f);
    float* windows[3] = {windows_[cell - 1].data(), windows_[cell].data(), following.data()};
    const auto group = static_cast<std::ptrdiff_t>(RowSource::largest_group);
    const std::ptrdiff_t count = std::min(d, group);
    for (std::ptrdiff_t offset = 0; offset < d; offset += count) {
        std::ptrdiff_t ys[RowSource::largest_group];
        for (std::ptrdiff_t j = 0; j < count; ++j)
            ys[j] = reflect(cell * d + offset + j, y_.length);
        const GroupFactors factors(d, offset, size(count));
        source_.reduce(ys, size(count), factors.f, windows);
    }
}

// Splits a row, reflects its borders, and if the row axis is multirate halves it down to the grid.
void GridRows::filter_row(const float* flat, Planes<float>& out) {
    const std::ptrdiff_t first = x_.extended_first();
    const std::ptrdiff_t count = x_.extended_count();
    source_.split(flat, extended_.data() - first, extended_.stride());
    for (std::size_t p = 0; p < source_.planes(); ++p) {
        float* plane = extended_.plane(p) - first;
        for (std::ptrdiff_t i = first; i < 0; ++i) plane[i] = plane[reflect(i, x_.length)];
        for (std::ptrdiff_t i = x_.length; i < first + count; ++i)
            plane[i] = plane[reflect(i, x_.length)];
        float* from = extended_.plane(p);
        float* to = half_.data();
        std::ptrdiff_t n = count;
        for (std::ptrdiff_t d = x_.stride; d > 1; d /= 2) {
            n = (n - 2) / 2;
            kernels_.halve(from, size(n), to);
            std::swap(from, to);
        }
        std::copy_n(from, n, out.plane(p));
    }
}

void GridRows::filter_columns() {
    const std::ptrdiff_t m = next_filtered_++;
    if (!y_.multirate()) {
        source_.read(reflect(m, y_.length), windows_[0].data());
        filter_row(windows_[0].data(), ring_[m]);
        return;
    }
    while (next_cell_ <= m + 1) reduce_cell(next_cell_++);
    filter_row(windows_[m].data(), ring_[m]);
}

const Planes<float>& GridRows::next() {
    const std::ptrdiff_t m = next_++;
    while (next_filtered_ <= m + y_.radius) filter_columns();
    rows_.clear();
    for (std::ptrdiff_t k = -y_.radius; k <= y_.radius; ++k) rows_.push_back(ring_[m + k].data());
    kernels_.fir_columns(rows_.data(), y_.taps.data(), size(y_.radius), column_.size(),
                         column_.data());
    for (std::size_t p = 0; p < source_.planes(); ++p)
        kernels_.fir_row(column_.plane(p), x_.taps.data(), size(x_.radius), size(x_.grid_count()),
                         out_.plane(p));
    return out_;
}

}  // namespace defocus
