// What a blur reads: rows of a picture, in any order, singly or in groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/image_view.hpp"
#include "core/matte_rows.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Rows of floats in the source's own flat layout of `samples()` floats, which `split` turns into
// `planes()` planes of `width()` floats.  Splitting late is cheap: on the way down there is one
// flat row left in D.
class RowSource {
  public:
    // Rows that one call of `reduce` may add.
    static constexpr std::size_t largest_group = 8;

    virtual ~RowSource() = default;
    virtual std::size_t width() const noexcept = 0;
    virtual std::size_t planes() const noexcept = 0;
    virtual std::size_t samples() const noexcept = 0;

    virtual void read(std::ptrdiff_t y, float* flat) = 0;
    // Adds `count` (2, 4 or 8) rows into three windows; see KernelTable::reduce_bytes.
    virtual void reduce(const std::ptrdiff_t* ys, std::size_t count, const float* factors,
                        float* const* windows) = 0;
    virtual void split(const float* flat, float* planes, std::size_t stride) const = 0;
};

// The pixels as they are.
template <typename T>
class PixelSource final : public RowSource {
  public:
    PixelSource(const ImageView<const T>& image, const KernelTable& kernels);
    std::size_t width() const noexcept override;
    std::size_t planes() const noexcept override;
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, float* flat) override;
    void reduce(const std::ptrdiff_t* ys, std::size_t count, const float* factors,
                float* const* windows) override;
    void split(const float* flat, float* planes, std::size_t stride) const override;

  private:
    const T* packed(std::ptrdiff_t y, std::size_t slot);

    ImageView<const T> image_;
    const KernelTable& kernels_;
    std::vector<T> scratch_;
};

// Four planes: what of each colour is background, (1 - alpha) I, and the weight 1 - alpha itself; I
// as codes 0..255, or as the light 0..1 they stand for.
// Blurring both and dividing gives the normalised convolution that keeps the subject's colour
// out of its surroundings.  Flat, the weights lie behind the colours.
class BackgroundSource final : public RowSource {
  public:
    BackgroundSource(const ImageView<const std::uint8_t>& image, const MaskView& mask, bool linear,
                     const KernelTable& kernels);
    std::size_t width() const noexcept override;
    std::size_t planes() const noexcept override { return 4; }
    std::size_t samples() const noexcept override { return 4 * width(); }
    void read(std::ptrdiff_t y, float* flat) override;
    void reduce(const std::ptrdiff_t* ys, std::size_t count, const float* factors,
                float* const* windows) override;
    void split(const float* flat, float* planes, std::size_t stride) const override;

  private:
    const std::uint8_t* packed(std::ptrdiff_t y, std::size_t slot);

    ImageView<const std::uint8_t> image_;
    bool linear_;
    const KernelTable& kernels_;
    AlphaRows alpha_;
    std::vector<std::uint8_t> scratch_;
    Planes<std::int16_t> alphas_;  // a plane for each row of a group
};

}  // namespace defocus
