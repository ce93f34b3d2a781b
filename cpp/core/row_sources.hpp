// Rows of float planes, on demand and in any order: what a blur reads.
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

class RowSource {
  public:
    virtual ~RowSource() = default;
    virtual std::size_t width() const noexcept = 0;
    virtual std::size_t channels() const noexcept = 0;
    // Fills plane c of row y at planes + c * stride.
    virtual void read(std::ptrdiff_t y, float* planes, std::size_t stride) = 0;
};

// The pixels as they are.
template <typename T>
class PixelRows final : public RowSource {
  public:
    PixelRows(const ImageView<const T>& image, const KernelTable& kernels);
    std::size_t width() const noexcept override;
    std::size_t channels() const noexcept override;
    void read(std::ptrdiff_t y, float* planes, std::size_t stride) override;

  private:
    ImageView<const T> image_;
    const KernelTable& kernels_;
    std::vector<T> scratch_;
};

// A low-resolution mask, float 0..1 or bytes 0..255.
using MaskView = std::variant<ImageView<const float>, ImageView<const std::uint8_t>>;

// The full-size matte, of which only one row exists at a time.
class MatteRows {
  public:
    MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
              const KernelTable& kernels);
    // Alpha of row y; valid until the next call.
    const float* row(std::ptrdiff_t y);

  private:
    const float* stretched(std::ptrdiff_t mask_row);

    MaskView mask_;
    const KernelTable& kernels_;
    BilinearAxis x_, y_;
    std::vector<float> mask_row_;
    // The two mask rows between which matte rows lie, at full width, and which rows they are.
    RowRing stretched_;
    std::ptrdiff_t stretched_index_[2] = {-1, -1};
    std::vector<float> row_;
};

// Four planes: what of each colour is background, (1 - alpha) I, and the weight 1 - alpha itself.
// Blurring both and dividing gives the normalised convolution that keeps the subject's colour
// out of its surroundings.
class BackgroundRows final : public RowSource {
  public:
    BackgroundRows(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                   const KernelTable& kernels);
    std::size_t width() const noexcept override { return pixels_.width(); }
    std::size_t channels() const noexcept override { return 4; }
    void read(std::ptrdiff_t y, float* planes, std::size_t stride) override;

  private:
    PixelRows<std::uint8_t> pixels_;
    MatteRows matte_;
    const KernelTable& kernels_;
};

}  // namespace defocus
