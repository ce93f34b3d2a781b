// The light that a camera cut off: lamps and glints are far brighter than the white they are stored
// as, and out of focus only that excess makes them shine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/image_view.hpp"
#include "core/matte_rows.hpp"
#include "core/parallel.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Which pixels are cut off: t = (min(R, G, B) - 250) / 5, clamped to 0..1; they get gain * t^2 more
// light, in white.  But white walls, skies and lettering are no lamps: within two radii about a
// lamp little else is bright.  The share of bright background there, of pixels from code 149 (not
// at all) to 218 (fully), switches the gain off, smoothly from .02 to .05.
struct Highlights {
    struct Pixel {
        std::int32_t x;
        float light;  // what is added, 1 - alpha included; white is 1
    };
    std::vector<std::vector<Pixel>> rows;
};

// Of bytes or words.
template <typename T>
Highlights find_highlights(const ImageView<const T>& image, const MaskView& mask, double radius,
                           double gain, const Threads& threads, const KernelTable& kernels);

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
