// The blurred background of a picture of words: what BackgroundSource, BackgroundCoefficients and
// WideRows are for bytes, in floats.  In dark light a step of a word is a hundredth of one of Q7's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/matte/matte.hpp"
#include "core/portrait/background_planes.hpp"
#include "core/portrait/background_source.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

class WordRows {
  public:
    // Starts with row `first`.  Plans are interpolating; the matte must outlive this object.
    WordRows(const ImageView<const std::uint16_t>& image, const Matte<std::uint16_t>& matte,
             bool linear, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
             std::ptrdiff_t last, const KernelTable& kernels);
    WordRows(const WordRows&) = delete;
    WordRows& operator=(const WordRows&) = delete;
    // As BackgroundPlanes.
    void set_aperture(const Aperture& aperture) { planes_.set_aperture(aperture); }
    void set_highlights(const Highlights& highlights) { planes_.set_highlights(highlights); }

    // Four planar rows, `stride` samples a plane, of which row y of the picture is the sum with
    // four taps.  Valid until the next call.  Rows must be asked for in ascending order.
    struct Span {
        const float* rows[4];
        std::size_t stride;
        const float* taps;
    };
    Span rows(std::ptrdiff_t y);

  private:
    void produce();

    AxisPlan x_, y_;
    const KernelTable& kernels_;
    WordSource source_;
    BackgroundPlanes<float> planes_;
    std::vector<float> scratch_;  // a plane, from half a cell before the row on
    RowRing<float> ring_;
    std::vector<float> taps_;  // [phase][4]
    std::ptrdiff_t next_;
};

}  // namespace defocus
