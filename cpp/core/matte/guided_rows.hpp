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

template <typename T>
class GuidedAlphaRows final : public AlphaReader {
  public:
    GuidedAlphaRows(const ImageView<const T>& image, const GuidedMatte& matte,
                    const KernelTable& kernels);
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) override;
    const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) override;

  private:
    void guide(std::ptrdiff_t y, std::size_t first, std::size_t last, std::size_t x,
               std::size_t end);

    const ImageView<const T> image_;
    const GuidedMatte& matte_;
    const KernelTable& kernels_;
    std::vector<T> packed_;
    CellRows coefficients_;
    Planes<std::int16_t> alpha_;
    std::vector<std::int16_t> none_, whole_;  // a tile of each
};

}  // namespace defocus
