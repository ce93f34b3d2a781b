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

// Matte rows as floats.
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

// Matte rows as the compositing kernels take them: Q14, a run of pixels at a time.  Most runs of
// most mattes are all 0 or all 1; for those nothing is computed.
class AlphaReader {
  public:
    // What a run of pixels is known to hold; mixed where it is not known.
    enum class Kind : std::uint8_t { none, whole, mixed };

    virtual ~AlphaReader() = default;
    // The run is `count` pixels of row y from x on, within one tile (see AlphaRows).
    virtual Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
    // Its alpha; valid until the next call, and readable for `over_read` samples more.
    virtual const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) = 0;
};

// A mask stretched bilinearly.
class AlphaRows final : public AlphaReader {
  public:
    // Pixels are read in tiles, of which each begins at a multiple of `tile`.  Rows may be read to
    // and fro within as many as `batch` at little cost.
    static constexpr std::size_t tile = 512;
    static constexpr std::ptrdiff_t batch = 8;

    AlphaRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) override;
    const std::int16_t* read(std::ptrdiff_t y, std::size_t x, std::size_t count) override;

  private:
    struct Row {
        Planes<std::int16_t> alpha;
        std::vector<Kind> kinds;  // of each tile
        std::ptrdiff_t index = -1;
    };

    const std::uint8_t* packed_bytes(std::ptrdiff_t mask_row) const;
    std::int16_t weight(std::ptrdiff_t y) const;
    const Row& stretched(std::ptrdiff_t mask_row);
    void stretch(std::ptrdiff_t mask_row, Row& row);

    MaskView mask_;
    std::size_t width_;
    BilinearAxis x_, y_;
    const KernelTable& kernels_;
    std::vector<float> mask_row_;
    Planes<std::int16_t> mask_alpha_;
    std::vector<std::int16_t> index_, weight_;  // of columns
    std::vector<Row> held_;
    std::vector<std::int16_t> mixed_, none_, whole_;
};

}  // namespace defocus
