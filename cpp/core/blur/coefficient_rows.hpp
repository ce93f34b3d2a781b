// Rows of spline coefficients on the grid, flat and in Q7.  WideRows expands them to the blurred
// image.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/blur/grid_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class CoefficientRows {
  public:
    virtual ~CoefficientRows() = default;
    virtual std::size_t channels() const noexcept = 0;
    // Writes the next row from top to bottom: x.support_count() pixels.
    virtual void next(std::int16_t* flat) = 0;
};

// Of an image of bytes, blurred as it is stored.  Plans are smoothing.
class PlainCoefficients final : public CoefficientRows {
  public:
    PlainCoefficients(const ImageView<const std::uint8_t>& image, const AxisPlan& x,
                      const AxisPlan& y, std::ptrdiff_t first, std::ptrdiff_t last,
                      const KernelTable& kernels);
    std::size_t channels() const noexcept override { return channels_; }
    void next(std::int16_t* flat) override;

  private:
    const KernelTable& kernels_;
    std::size_t channels_;
    std::size_t width_;
    PixelSource<std::uint8_t, std::int16_t> source_;
    GridRows<std::int16_t, std::int16_t> grid_;
};

}  // namespace defocus
