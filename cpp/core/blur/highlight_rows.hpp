// Light that is added to single pixels before the blur on the grid.
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
        float light;  // the light to add, times 1 - alpha; white is 1
    };
    std::vector<std::vector<Pixel>> rows;
};

// Adds highlights to rows of the grid with the weights of the prefilter.  Outside the image there
// are none.
class HighlightRows {
  public:
    HighlightRows(const Highlights& highlights, const AxisPlan& x, const AxisPlan& y);
    // Adds to grid row m before the FIR: `planes` colours in which white is `white`.
    void add(std::ptrdiff_t m, Planes<float>& row, std::size_t planes, float white) const;

  private:
    const Highlights& highlights_;
    AxisPlan x_, y_;
    std::vector<float> prefilter_;
};

}  // namespace defocus
