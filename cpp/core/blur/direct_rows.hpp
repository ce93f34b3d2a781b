// Rows of an image of bytes, blurred by a plain FIR on both axes in 16-bit integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The fast way for small sigma, where neither plan is multirate.  It holds no rows: the FIR reads
// the rows of the image again.
class DirectRows {
  public:
    DirectRows(const ImageView<const std::uint8_t>& image, const AxisPlan& x, const AxisPlan& y,
               const KernelTable& kernels);

    // Row y, flat and in Q7.  Valid until the next call.
    const std::int16_t* row(std::ptrdiff_t y);

  private:
    ImageView<const std::uint8_t> image_;
    std::size_t x_radius_, y_radius_;
    const KernelTable& kernels_;
    std::vector<std::int16_t> x_taps_, y_taps_;
    std::vector<std::uint8_t> packed_;
    std::vector<const std::uint8_t*> rows_;
    std::vector<std::int16_t> column_;  // a row after the column FIR, with reflected borders
    std::vector<std::int16_t> out_;
};

}  // namespace defocus
