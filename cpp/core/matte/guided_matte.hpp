// From a network's mask to a matte whose edges follow the photograph.
#pragma once

#include <cstddef>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/matte/cell_grid.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Alpha as a smoothstep between these two.
struct Ends {
    float low, high;
    float slope() const noexcept { return 1.0f / (high - low); }
};

// The fast guided filter (He & Sun 2015, "Fast guided filter"), twice: in every window of cells the
// mask is explained as a . I + b, with I the colour; the means of a and b over the windows of
// a cell hold for its pixels.  Between the two runs and after them a smoothstep takes back what
// the averaging smears.  Does not change once made: any number of threads may read.
class GuidedMatte {
  public:
    // Of bytes or words.
    template <typename T>
    GuidedMatte(const ImageView<const T>& image, const MaskView& mask, const KernelTable& kernels);

    static constexpr Ends ends{0.05f, 0.95f};
    const CellGrid& grid() const noexcept { return grid_; }
    // Red's, green's and blue's a, in 1/255, and b.
    const Planes<float>& coefficients() const noexcept { return coefficients_; }
    const Planes<float>& colours() const noexcept { return colours_; }
    // Alpha of each cell's mean colour.
    const Planes<float>& alpha() const noexcept { return alpha_; }

  private:
    CellGrid grid_;
    Planes<float> colours_;
    Planes<float> coefficients_;
    Planes<float> alpha_;
};

}  // namespace defocus
