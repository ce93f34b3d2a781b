#include "core/portrait/background_coefficients.hpp"

#include "core/base/samples.hpp"

namespace defocus {

BackgroundCoefficients::BackgroundCoefficients(BackgroundPlanes<std::uint8_t>& planes,
                                               const AxisPlan& x, const KernelTable& kernels)
    : kernels_(kernels), planes_(planes), width_(size(x.support_count())), q7_(width_, 3) {}

void BackgroundCoefficients::next(std::int16_t* flat) {
    const auto row = planes_.next();
    for (std::size_t p = 0; p < 3; ++p)
        kernels_.to_q7(row.colours + p * row.stride, width_, q7_.plane(p));
    kernels_.merge_q7(q7_.data(), q7_.stride(), width_, 3, flat);
}

}  // namespace defocus
