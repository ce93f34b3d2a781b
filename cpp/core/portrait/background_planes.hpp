// The blurred background of a portrait on the grid, as spline coefficients of sRGB values.
#pragma once

#include <cstddef>

#include "core/base/planes.hpp"
#include "core/blur/grid_rows.hpp"
#include "core/blur/highlight_rows.hpp"
#include "core/plan/aperture.hpp"
#include "core/plan/axis_plan.hpp"
#include "core/portrait/background_source.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The blurred sums are divided by the blurred weights, and light is encoded as sRGB, on the grid.
// One division and one encoding then serve D x D pixels.  Both steps are nonlinear, so the plans
// are interpolating.  All later steps are the same for every kind of blur.
template <typename T>
class BackgroundPlanes {
  public:
    // For rows first .. last - 1.  The tiles must outlive this object.
    BackgroundPlanes(const ImageView<const T>& image, MatteTiles<T>& tiles, bool linear,
                     const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                     std::ptrdiff_t last, const KernelTable& kernels);
    BackgroundPlanes(const BackgroundPlanes&) = delete;
    BackgroundPlanes& operator=(const BackgroundPlanes&) = delete;
    // To be called before the first row: the shape that the plans are for, and light to add.
    // Either must outlive this object.
    void set_aperture(const Aperture& aperture) { grid_.set_aperture(aperture); }
    void set_highlights(const Highlights& highlights) { grid_.set_highlights(highlights); }

    // The next row from top to bottom: red, green and blue of x.support_count() pixels, planes
    // `stride` apart.  Valid until the next call; `over_read` more samples are readable.
    struct Row {
        const float* colours;
        std::size_t stride;
    };
    Row next();

  private:
    const float* columns();

    AxisPlan x_, y_;
    bool linear_;
    const KernelTable& kernels_;
    BackgroundSource<T> source_;
    GridRows<BackgroundSample<T>, float> grid_;
    RowRing<float> finished_;  // finished grid rows
    Planes<float> column_;     // coefficients of the columns
    Planes<float> row_;        // and of both
    std::ptrdiff_t next_finished_;
    std::ptrdiff_t next_;
};

}  // namespace defocus
