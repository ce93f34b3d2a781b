// The blur of a picture of bytes, by whichever way suits its sigma.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/axis_plan.hpp"
#include "core/direct_rows.hpp"
#include "core/image_view.hpp"
#include "core/row_sources.hpp"
#include "core/wide_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class ByteBlur {
  public:
    // Starts with row `first`.
    ByteBlur(const ImageView<const std::uint8_t>& image, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, const KernelTable& kernels)
        : source_(image, kernels) {
        if (x.multirate() || y.multirate())
            wide_.emplace(source_, x, y, first, kernels);
        else
            direct_.emplace(image, x, y, kernels);
    }
    ByteBlur(const ByteBlur&) = delete;
    ByteBlur& operator=(const ByteBlur&) = delete;

    // Four flat Q7 rows and their taps; rows must be asked for in ascending order.
    WideRows<std::int16_t>::Span row(std::ptrdiff_t y) {
        if (wide_) return wide_->row(y);
        static constexpr std::int16_t itself[4] = {16384, 16384, 0, 0};
        const std::int16_t* row = direct_->row(y);
        return {{row, row, row, row}, itself};
    }

  private:
    PixelSource<std::uint8_t> source_;
    std::optional<WideRows<std::int16_t>> wide_;
    std::optional<DirectRows> direct_;
};

}  // namespace defocus
