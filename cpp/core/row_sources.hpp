// What a blur reads: rows of a picture, as they are or halved in number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/image_view.hpp"
#include "core/matte.hpp"
#include "core/planes.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Flat rows of `samples()` samples: float, or std::int16_t for Q7.
template <typename Sample>
class RowSource {
  public:
    virtual ~RowSource() = default;
    virtual std::size_t samples() const noexcept = 0;

    virtual void read(std::ptrdiff_t y, Sample* flat) = 0;
    // What four rows leave on the next coarser grid; see KernelTable::halve_rows.
    virtual void halve(const std::ptrdiff_t* ys, Sample* flat) = 0;
};

// The pixels as they are: bytes as Q7, floats as floats.
template <typename T, typename Sample>
class PixelSource final : public RowSource<Sample> {
  public:
    PixelSource(const ImageView<const T>& image, const KernelTable& kernels);
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, Sample* flat) override;
    void halve(const std::ptrdiff_t* ys, Sample* flat) override;

  private:
    const T* packed(std::ptrdiff_t y, std::size_t slot);

    ImageView<const T> image_;
    const KernelTable& kernels_;
    std::vector<T> scratch_;
};

// What of an RGB picture is background, (1 - alpha) I, with I as codes or as the light they stand
// for; behind the colours of a row lie its weights 1 - alpha.  Blurring both and dividing gives the
// normalised convolution that keeps the subject's colour out of its surroundings.
class BackgroundSource final : public RowSource<std::int16_t> {
  public:
    // The matte must outlive this object.
    BackgroundSource(const ImageView<const std::uint8_t>& image, const Matte<std::uint8_t>& matte,
                     bool linear, const KernelTable& kernels);
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, std::int16_t* flat) override;
    void halve(const std::ptrdiff_t* ys, std::int16_t* flat) override;

  private:
    void read_tile(std::ptrdiff_t y, std::size_t x, std::size_t count, std::int16_t* flat);
    void halve_tile(const std::ptrdiff_t* ys, std::size_t x, std::size_t count, std::int16_t* flat);

    ImageView<const std::uint8_t> image_;
    bool linear_;
    const KernelTable& kernels_;
    std::unique_ptr<AlphaReader> matte_;
    std::unique_ptr<UnmixedRows> unmixer_;
    std::vector<std::uint8_t> foreground_, background_;  // of a tile, unmixed
    std::vector<std::uint8_t> packed_;
    // The last rows that were made, tile by tile: neighbouring groups of four share two.
    RowRing<std::int16_t> held_;
    std::vector<std::ptrdiff_t> held_index_;  // [slot][tile]
};

}  // namespace defocus
