#include "core/coefficient_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

PlainCoefficients::PlainCoefficients(const ImageView<const std::uint8_t>& image, const AxisPlan& x,
                                     const AxisPlan& y, std::ptrdiff_t first, std::ptrdiff_t last,
                                     const KernelTable& kernels)
    : kernels_(kernels),
      channels_(size(image.channels)),
      width_(size(x.support_count())),
      source_(image, kernels),
      grid_(source_, channels_, x, y, first, last, kernels) {}

void PlainCoefficients::next(std::int16_t* flat) {
    const Planes<std::int16_t>& planes = grid_.next();
    kernels_.merge_q7(planes.data(), planes.stride(), width_, channels_, flat);
}

BackgroundCoefficients::BackgroundCoefficients(const ImageView<const std::uint8_t>& image,
                                               const Matte& matte, bool linear, const AxisPlan& x,
                                               const AxisPlan& y, std::ptrdiff_t first,
                                               std::ptrdiff_t last, const KernelTable& kernels)
    : x_(x),
      y_(y),
      linear_(linear),
      kernels_(kernels),
      source_(image, matte, linear, kernels),
      grid_(source_, 3, x, y, first, last, kernels),
      codes_(size(2 * y.margin + 1), size(x.grid_count()), 3),
      column_(size(x.grid_count()), 3),
      row_(size(x.support_count()), 3),
      q7_(size(x.support_count()), 3),
      next_finished_(y.grid_first(first)),
      next_(y.support_first(first)) {}

// The next row as coefficients of the columns' splines.
const float* BackgroundCoefficients::columns() {
    const std::ptrdiff_t m = next_++;
    for (; next_finished_ <= m + y_.margin; ++next_finished_) {
        const Planes<float>& shares = grid_.next();
        kernels_.normalise(shares.data(), shares.stride(), size(x_.grid_count()), linear_,
                           codes_[next_finished_].data());
    }
    if (y_.margin == 0) return codes_[m].data();
    const float* rows[5];
    for (std::ptrdiff_t k = 0; k < 5; ++k) rows[k] = codes_[m - 2 + k].data();
    float* const out = column_.data();
    kernels_.fir_columns(rows, coefficient_taps, 2, column_.size(), &out, 1);
    return out;
}

void BackgroundCoefficients::next(std::int16_t* flat) {
    const float* from = columns();
    const std::size_t width = size(x_.support_count());
    if (x_.margin != 0) {
        for (std::size_t p = 0; p < 3; ++p)
            kernels_.fir_row(from + p * column_.stride(), coefficient_taps, 2, width,
                             row_.plane(p));
        from = row_.data();
    }
    for (std::size_t p = 0; p < 3; ++p)
        kernels_.to_q7(from + p * row_.stride(), width, q7_.plane(p));
    kernels_.merge_q7(q7_.data(), q7_.stride(), width, 3, flat);
}

}  // namespace defocus
