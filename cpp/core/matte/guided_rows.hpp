// Rows of a guided matte at the size of the image.
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

// The coefficients of four neighbouring cells may give 0 for every colour, or 1 for every colour.
// Then alpha between them is known without a look at the pixels.  That is most of an image.
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
    // What lies between a cell and the next one, for the two rows of cells that were examined last.
    std::vector<Kind> kinds_[2];
    std::ptrdiff_t examined_[2] = {-1, -1};
    CellRows coefficients_;
    Planes<std::int16_t> alpha_;
};

}  // namespace defocus
