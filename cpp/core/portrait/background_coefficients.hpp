// Rows of spline coefficients of a portrait's background, flat and in Q7.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/planes.hpp"
#include "core/blur/coefficient_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "core/portrait/background_planes.hpp"
#include "core/portrait/background_source.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

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
