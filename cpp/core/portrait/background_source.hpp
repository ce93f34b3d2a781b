// The background of an RGB image as the blur reads it: without the subject.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"
#include "core/base/row_source.hpp"
#include "core/matte/matte.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The sample type of the blur: centred Q7 for bytes, floats 0..q7_white for 16-bit samples.  In
// dark light one step of a 16-bit sample is a hundredth of a step of Q7.
template <typename T>
using BackgroundSample = std::conditional_t<std::is_same_v<T, std::uint8_t>, std::int16_t, float>;

// A row holds (1 - alpha) I, and behind it the weights 1 - alpha.  I is sRGB or linear light.  Both
// are blurred, and divided after the blur.  This normalised convolution keeps the colour of the
// subject out of the background.
template <typename T>
class BackgroundSource final : public RowSource<BackgroundSample<T>> {
  public:
    using Sample = BackgroundSample<T>;

    // The tiles are those of the image, and must outlive this object.
    BackgroundSource(const ImageView<const T>& image, MatteTiles<T>& tiles, bool linear,
                     const KernelTable& kernels);
    std::size_t samples() const noexcept override;
    void read(std::ptrdiff_t y, Sample* flat) override;
    void halve(const std::ptrdiff_t* ys, Sample* flat) override;

  private:
    void read_tile(std::ptrdiff_t y, std::size_t x, std::size_t count, Sample* flat);
    void halve_tile(const std::ptrdiff_t* ys, std::size_t x, std::size_t count, Sample* flat);
    bool fill_uniform(const std::ptrdiff_t* ys, std::size_t x, std::size_t count, Sample* flat);

    ImageView<const T> image_;
    bool linear_;
    const KernelTable& kernels_;
    MatteTiles<T>& tiles_;
    // The rows that were made last, tile by tile: two neighbouring groups of four rows share two.
    RowRing<Sample> held_;
    std::vector<std::ptrdiff_t> held_index_;  // [slot][tile]
};

}  // namespace defocus
