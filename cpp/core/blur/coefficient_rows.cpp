#include "core/blur/coefficient_rows.hpp"

#include "core/base/samples.hpp"

namespace defocus {
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

}  // namespace defocus
