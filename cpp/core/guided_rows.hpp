// Rows of a guided matte at the picture's own size, with the interface of AlphaRows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/guided_matte.hpp"
#include "core/image_view.hpp"
#include "core/matte_rows.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Between four cells whose coefficients give 0 for every colour there is, or 1 for every colour,
// alpha is known before a pixel is looked at: that is most of a picture.
class GuidedAlphaRows {
  public:
    using Kind = AlphaRows::Kind;

    GuidedAlphaRows(const ImageView<const std::uint8_t>& image, const GuidedMatte& matte,
                    const KernelTable& kernels);
    // What `count` pixels of row y, from x on, are known to hold; mixed where it is not known.
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count);
    // Those pixels' alpha; valid until the next call, and readable for `over_read` samples more.
    const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count);

  private:
    void look_at(std::ptrdiff_t cell_row);
    void guide(std::ptrdiff_t y, std::size_t first, std::size_t last, std::size_t x,
               std::size_t end);

    const ImageView<const std::uint8_t> image_;
    const GuidedMatte& matte_;
    const KernelTable& kernels_;
    std::vector<std::uint8_t> packed_;
    std::vector<Kind> kinds_;  // between a cell and the next, in the row of cells looked at
    std::ptrdiff_t looked_at_ = -1;
    Planes<float> nodes_;         // coefficients at the height of one row of pixels
    Planes<float> coefficients_;  // and for its pixels
    Planes<std::int16_t> alpha_;
};

}  // namespace defocus
