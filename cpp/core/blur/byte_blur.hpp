// The blur of an image of bytes: DirectRows for small sigma, the grid for large sigma.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/image_view.hpp"
#include "core/blur/coefficient_rows.hpp"
#include "core/blur/direct_rows.hpp"
#include "core/blur/wide_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class ByteBlur {
  public:
    // For rows first .. last - 1.  Plans are smoothing.
    ByteBlur(const ImageView<const std::uint8_t>& image, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels) {
        if (x.multirate() || y.multirate()) {
            coefficients_.emplace(image, x, y, first, last, kernels);
            wide_.emplace(*coefficients_, x, y, first, kernels);
        } else {
            direct_.emplace(image, x, y, kernels);
        }
    }
    ByteBlur(const ByteBlur&) = delete;
    ByteBlur& operator=(const ByteBlur&) = delete;

    // See WideRows::rows.
    WideRows::Span rows(std::ptrdiff_t y) {
        if (wide_) return wide_->rows(y);
        static constexpr std::int16_t itself[4] = {16384, 16384, 0, 0};
        const std::int16_t* row = direct_->row(y);
        return {{row, row, row, row}, itself, 1};
    }

  private:
    std::optional<PlainCoefficients> coefficients_;
    std::optional<WideRows> wide_;
    std::optional<DirectRows> direct_;
};

}  // namespace defocus
