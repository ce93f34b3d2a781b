// The background of a picture as a blur reads it: without the subject in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/matte/matte.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

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

// The same of a picture of words, in floats.
class WordSource final : public RowSource<float> {
  public:
    // The matte must outlive this object.
    WordSource(const ImageView<const std::uint16_t>& image, const Matte<std::uint16_t>& matte,
               bool linear, const KernelTable& kernels);
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, float* flat) override;
    void halve(const std::ptrdiff_t* ys, float* flat) override;

  private:
    ImageView<const std::uint16_t> image_;
    bool linear_;
    const KernelTable& kernels_;
    std::unique_ptr<AlphaReader> matte_;
    std::unique_ptr<UnmixedRows> unmixer_;
    std::vector<std::uint16_t> foreground_, background_;  // of a tile, unmixed
    std::vector<std::uint16_t> packed_;
    // The last rows that were made: neighbouring groups of four share two.
    RowRing<float> held_;
    std::vector<std::ptrdiff_t> held_index_;
};

}  // namespace defocus
