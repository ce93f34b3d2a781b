// The full-size matte, of which only rows exist: bilinear interpolation of a mask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/bilinear.hpp"
#include "core/image_view.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// A mask of any size, float 0..1 or bytes 0..255.
using MaskView = std::variant<ImageView<const float>, ImageView<const std::uint8_t>>;

// Mask rows stretched to the picture's width, as floats.
class StretchedRows {
  public:
    StretchedRows(const MaskView& mask, std::size_t width, const KernelTable& kernels);
    // Writes `width` floats.
    void read(std::ptrdiff_t mask_row, float* out);
    // The mask row itself, if it is bytes and as wide as the picture; else null.
    const std::uint8_t* packed_bytes(std::ptrdiff_t mask_row) const;
    std::size_t width() const noexcept { return x_.index.size(); }

  private:
    MaskView mask_;
    const KernelTable& kernels_;
    BilinearAxis x_;
    bool same_width_;
    std::vector<float> row_;
};

// Matte rows as floats.
class MatteRows {
  public:
    MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    void read(std::ptrdiff_t y, float* out);

  private:
    const float* stretched(std::ptrdiff_t mask_row);

    StretchedRows rows_;
    BilinearAxis y_;
    const KernelTable& kernels_;
    RowRing<float> held_;
    std::ptrdiff_t held_index_[2] = {-1, -1};
};

// Matte rows as the compositing kernels take them: Q14.
class AlphaRows {
  public:
    AlphaRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    // Writes one sample a pixel.
    void read(std::ptrdiff_t y, std::int16_t* out);

  private:
    const std::int16_t* stretched(std::ptrdiff_t mask_row);

    StretchedRows rows_;
    BilinearAxis y_;
    const KernelTable& kernels_;
    std::vector<float> float_row_;
    RowRing<std::int16_t> held_;
    std::ptrdiff_t held_index_[2] = {-1, -1};
};

}  // namespace defocus
