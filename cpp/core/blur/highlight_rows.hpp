// Light that is added to single pixels before a blur on the grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/planes.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {

struct Highlights {
    struct Pixel {
        std::int32_t x;
        float light;  // what is added, 1 - alpha included; white is 1
    };
    std::vector<std::vector<Pixel>> rows;
};

// Adds highlights to rows of the grid as the prefilter would have; what lies outside the picture
// has none.
class HighlightRows {
  public:
    HighlightRows(const Highlights& highlights, const AxisPlan& x, const AxisPlan& y);
    // Grid row m before the FIR: `planes` colours in which white is `white`.
    void add(std::ptrdiff_t m, Planes<float>& row, std::size_t planes, float white) const;

  private:
    const Highlights& highlights_;
    AxisPlan x_, y_;
    std::vector<float> prefilter_;
};

}  // namespace defocus
