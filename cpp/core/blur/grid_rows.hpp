// An image on the coarse grid of its plan, blurred there, row by row from top to bottom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/planes.hpp"
#include "core/blur/aperture_blur.hpp"
#include "core/blur/highlight_rows.hpp"
#include "core/blur/row_pyramid.hpp"
#include "core/plan/axis_plan.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The order of work:
//
//     rows -> prefilter down the columns -> along the row -> FIR down the columns -> along the row
//
// An axis that is not multirate keeps the grid of the image and has no prefilter.  The columns come
// first: the work along the row, which moves samples about, is then done for one row in D.  Held
// are some rows of every level at full width, and 2 radius + 1 rows of the grid.
//
// In is the type of the source's samples, Sample that of the grid.  Both are float, or both are Q7
// (std::int16_t), or Q7 becomes float (0 .. q7_white) on the grid.
template <typename In, typename Sample>
class GridRows {
  public:
    // The source must outlive this object and have the size of the plans.  A row has `channels`
    // interleaved samples a pixel, and behind them whole planes.  Gives the grid rows that rows
    // first .. last - 1 of the image need.
    GridRows(RowSource<In>& source, std::size_t channels, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels);

    // For grids of floats, to be called before the first row: an aperture in place of the FIR, and
    // light to add before the blur.  White is q7_white.  Both arguments must outlive this object.
    void set_aperture(const Aperture& aperture) {
        aperture_.emplace(aperture, out_.stride(), kernels_);
    }
    void set_highlights(const Highlights& highlights) { highlights_.emplace(highlights, x_, y_); }

    // The planes of the next grid row.  Valid until the next call.
    const Planes<Sample>& next();

  private:
    void split(const In* flat);
    void put(const In* row, Sample* out);
    void filter_row(const In* flat, Planes<Sample>& out);
    void produce();
    void apply_aperture(std::ptrdiff_t m);
    void filter_until(std::ptrdiff_t end);

    // The FIR makes so many rows at once.  Its ring of rows is larger than the first-level cache
    // and often than the second.  Several rows from one pass over the ring make it cheap.
    static constexpr std::ptrdiff_t batch = 8;

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    RowPyramid<In> pyramid_;
    std::size_t channels_, planes_;

    std::vector<std::int16_t> x_taps_q15_, y_taps_q15_;
    Planes<In> extended_;      // a row as planes, extended beyond its borders
    AlignedVector<In> half_;   // a plane while it is halved
    RowRing<Sample> ring_;     // grid rows before the FIR
    RowRing<Sample> columns_;  // grid rows after the column FIR
    Planes<Sample> out_;

    std::ptrdiff_t next_filtered_;
    std::ptrdiff_t next_made_;  // by the column FIR
    std::ptrdiff_t next_;
    std::ptrdiff_t end_;
    std::vector<const Sample*> rows_;
    std::optional<ApertureBlur> aperture_;
    std::optional<HighlightRows> highlights_;
};

}  // namespace defocus
