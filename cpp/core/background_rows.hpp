// The background of a portrait, blurred without the subject in it: wide rows of normalised colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/grid_rows.hpp"
#include "core/planes.hpp"
#include "core/row_sources.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// As WideRows, with the weight of each pixel beside its colours.  Far from the subject the four
// weights that a pixel is interpolated from are alike and cancel; only where they differ must each
// pixel get taps of its own.  `mixed` tells for cells of pixels which of the two holds.
class BackgroundRows {
  public:
    static constexpr std::size_t cell = 64;  // pixels

    BackgroundRows(BackgroundSource& source, const AxisPlan& x, const AxisPlan& y, bool linear,
                   std::ptrdiff_t first, const KernelTable& kernels);

    struct Span {
        const std::int16_t* colours[4];  // flat; Q7 codes, or light
        const float* weights[4];
        const std::int16_t* q15;  // column taps, once in Q15, once as they are
        const float* taps;
        const std::uint8_t* mixed;  // for each cell: do the weights differ?
    };
    // Row y of the picture; valid until the next call.  Rows must be asked for in ascending order.
    Span row(std::ptrdiff_t y);

  private:
    void produce();
    void compare_weights(const Span& span);

    AxisPlan x_, y_;
    float scale_;
    const KernelTable& kernels_;
    GridRows grid_;
    Planes<float> planes_;  // one wide row, planar, from half a cell before it on
    Planes<std::int16_t> quotients_;
    RowRing<std::int16_t> colours_;
    RowRing<float> weights_;
    std::vector<std::int16_t> q15_;
    std::vector<float> taps_;
    std::vector<std::uint8_t> mixed_;
    std::ptrdiff_t compared_;  // the last wide row of the span that `mixed_` is about
    std::ptrdiff_t next_;
};

}  // namespace defocus
