// Rows of spline coefficients of the background of a portrait, flat and in Q7.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/planes.hpp"
#include "core/blur/coefficient_rows.hpp"
#include "core/plan/axis_plan.hpp"
#include "core/portrait/background_planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class BackgroundCoefficients final : public CoefficientRows {
  public:
    // The planes must outlive this object and have the plan `x`.
    BackgroundCoefficients(BackgroundPlanes<std::uint8_t>& planes, const AxisPlan& x,
                           const KernelTable& kernels);
    std::size_t channels() const noexcept override { return 3; }
    void next(std::int16_t* flat) override;

  private:
    const KernelTable& kernels_;
    BackgroundPlanes<std::uint8_t>& planes_;
    std::size_t width_;
    Planes<std::int16_t> q7_;
};

}  // namespace defocus
