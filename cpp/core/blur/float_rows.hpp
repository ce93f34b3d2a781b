// The rows of a blurred image of floats, planar: what WideRows is for bytes.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/blur/grid_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class FloatRows {
  public:
    // Starts with row `first`.  Plans are smoothing.
    FloatRows(const ImageView<const float>& image, const AxisPlan& x, const AxisPlan& y,
              std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels);

    // Writes row y, flat.  Call it for ascending rows.
    void read(std::ptrdiff_t y, float* out);

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    PixelSource<float, float> source_;
    std::size_t planes_;
    GridRows<float, float> grid_;
    std::vector<float> scratch_;  // a plane, beginning half a cell before the row
    RowRing<float> ring_;
    Planes<float> sum_;
    std::vector<float> taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
