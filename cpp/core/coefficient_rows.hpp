// Rows of spline coefficients on the grid, flat and in Q7: what a blurred picture is expanded from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aperture.hpp"
#include "core/axis_plan.hpp"
#include "core/background_planes.hpp"
#include "core/grid_rows.hpp"
#include "core/highlights.hpp"
#include "core/planes.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class CoefficientRows {
  public:
    virtual ~CoefficientRows() = default;
    virtual std::size_t channels() const noexcept = 0;
    // The next row from top to bottom, x.support_count() pixels.
    virtual void next(std::int16_t* flat) = 0;
};

// Of a picture of bytes, blurred in codes.  Plans are smoothing.
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

// Of the background of a portrait, without the subject in it.  Plans are interpolating.
class BackgroundCoefficients final : public CoefficientRows {
  public:
    BackgroundCoefficients(const ImageView<const std::uint8_t>& image,
                           const Matte<std::uint8_t>& matte, bool linear, const AxisPlan& x,
                           const AxisPlan& y, std::ptrdiff_t first, std::ptrdiff_t last,
                           const KernelTable& kernels);
    // As BackgroundPlanes.
    void set_aperture(const Aperture& aperture) { planes_.set_aperture(aperture); }
    void set_highlights(const Highlights& highlights) { planes_.set_highlights(highlights); }
    std::size_t channels() const noexcept override { return 3; }
    void next(std::int16_t* flat) override;

  private:
    const KernelTable& kernels_;
    BackgroundSource source_;
    BackgroundPlanes<std::int16_t> planes_;
    std::size_t width_;
    Planes<std::int16_t> q7_;
};

}  // namespace defocus
