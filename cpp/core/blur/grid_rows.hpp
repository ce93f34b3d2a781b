// A picture on the plan's coarse grid, blurred there, row by row from top to bottom.
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

// source rows -> prefilter down the columns -> along the row -> FIR down the columns -> along it
//
// An axis that is not multirate has the picture's own grid and no prefilter.  The columns come
// first because that leaves the work along the row, which moves samples about, for one row in D.
// What is held: some rows of every level at full width and 2 radius + 1 rows of the grid.
//
// In is the source's kind of sample, Sample the grid's: both float, both std::int16_t (Q7), or Q7
// that becomes float (0 .. 32640) on the grid.
template <typename In, typename Sample>
class GridRows {
  public:
    // The source must outlive this object and have the plans' size, with `channels` samples a
    // pixel, interleaved, and behind them as many planes of their own as fit.
    // For what rows first .. last - 1 of the picture need.
    GridRows(RowSource<In>& source, std::size_t channels, const AxisPlan& x, const AxisPlan& y,
             std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels);

    // For grids of floats, before the first row: an aperture in place of the FIR, and what is added
    // to the colours before the blur, in which white is 32640.  Both must outlive this object.
    void set_aperture(const Aperture& aperture) {
        aperture_.emplace(aperture, out_.stride(), kernels_);
    }
    void set_highlights(const Highlights& highlights) { highlights_.emplace(highlights, x_, y_); }

    // Planes of the next grid row; valid until the next call.
    const Planes<Sample>& next();

  private:
    void split(const In* flat);
    void put(const In* row, Sample* out);
    void filter_row(const In* flat, Planes<Sample>& out);
    void produce();
    void apply_aperture(std::ptrdiff_t m);
    void filter_until(std::ptrdiff_t end);

    // The FIR's ring of rows is too large for the first-level cache, and often for the second;
    // several rows made of one reading of it are what makes it cheap.
    static constexpr std::ptrdiff_t batch = 8;

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    RowPyramid<In> pyramid_;
    std::size_t channels_, planes_;

    std::vector<std::int16_t> x_taps_q15_, y_taps_q15_;
    Planes<In> extended_;      // a row split into planes, with reflected borders
    AlignedVector<In> half_;   // a plane on its way down
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
