// Enlarges a mask bilinearly.  The full-size matte never exists, only its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/alpha_reader.hpp"
#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/plan/bilinear.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Rows as floats.
class MatteRows {
  public:
    MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    void read(std::ptrdiff_t y, float* out);

  private:
    const float* stretched(std::ptrdiff_t mask_row);

    MaskView mask_;
    BilinearAxis x_, y_;
    const KernelTable& kernels_;
    std::vector<float> mask_row_;
    RowRing<float> held_;
    std::ptrdiff_t held_index_[2] = {-1, -1};
};

// Rows in Q14, a run at a time.
class AlphaRows final : public AlphaReader {
  public:
    AlphaRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) override;
    const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) override;

  private:
    struct Row {
        Planes<std::int16_t> alpha;
        std::vector<Kind> kinds;  // one for each tile
        std::ptrdiff_t index = -1;
    };

    template <typename T>
    const T* packed_row(std::ptrdiff_t mask_row) const;
    std::int16_t weight(std::ptrdiff_t y) const;
    const Row& stretched(std::ptrdiff_t mask_row);
    void stretch(std::ptrdiff_t mask_row, Row& row);

    MaskView mask_;
    std::size_t width_;
    BilinearAxis x_, y_;
    const KernelTable& kernels_;
    std::vector<float> mask_row_;
    Planes<std::int16_t> mask_alpha_;
    std::vector<std::int16_t> index_, weight_;  // of each column
    std::vector<Row> held_;
    std::vector<std::int16_t> mixed_, none_, whole_;
};

}  // namespace defocus
