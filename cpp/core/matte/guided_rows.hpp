// Rows of a guided matte at the picture's own size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/matte/cell_rows.hpp"
#include "core/matte/guided_matte.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Between four cells whose coefficients give 0 for every colour there is, or 1 for every colour,
// alpha is known before a pixel is looked at: that is most of a picture.
template <typename T>
class GuidedAlphaRows final : public AlphaReader {
  public:
    GuidedAlphaRows(const ImageView<const T>& image, const GuidedMatte& matte,
                    const KernelTable& kernels);
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) override;
    const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) override;

  private:
    const std::vector<Kind>& kinds_at(std::ptrdiff_t cell_row);
    void guide(std::ptrdiff_t y, std::size_t first, std::size_t last, std::size_t x,
               std::size_t end);

    const ImageView<const T> image_;
    const GuidedMatte& matte_;
    const KernelTable& kernels_;
    std::vector<T> packed_;
    // Between a cell and the next, in the last two rows of cells looked at.
    std::vector<Kind> kinds_[2];
    std::ptrdiff_t looked_at_[2] = {-1, -1};
    CellRows coefficients_;
    Planes<std::int16_t> alpha_;
};

}  // namespace defocus
