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
                                               const Matte<std::uint8_t>& matte, bool linear,
                                               const AxisPlan& x, const AxisPlan& y,
                                               std::ptrdiff_t first, std::ptrdiff_t last,
                                               const KernelTable& kernels)
    : kernels_(kernels),
      source_(image, matte, linear, kernels),
      planes_(source_, linear, x, y, first, last, kernels),
      width_(size(x.support_count())),
      q7_(width_, 3) {}

void BackgroundCoefficients::next(std::int16_t* flat) {
    const auto row = planes_.next();
    for (std::size_t p = 0; p < 3; ++p)
        kernels_.to_q7(row.codes + p * row.stride, width_, q7_.plane(p));
    kernels_.merge_q7(q7_.data(), q7_.stride(), width_, 3, flat);
}

}  // namespace defocus
