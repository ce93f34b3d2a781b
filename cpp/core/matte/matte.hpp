// The matte of an image as portrait and cutout use it, and the colours that its soft edges mix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/matte/guided_matte.hpp"
#include "core/matte/matte_rows.hpp"
#include "core/matte/unmixed_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

struct MatteRecipe {
    // True: the mask is a network's, and its edges are made to follow the photo.  False: the mask
    // is the matte, and is only enlarged.
    bool guided = false;
    // Separate the colours of subject and background in soft pixels.
    bool unmixed = false;
};

// Made once for an image of 8 or 16 bits, then read by any number of threads.  Image and mask must
// outlive it.
template <typename T>
class Matte {
  public:
    Matte(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
          const KernelTable& kernels);
    Matte(const Matte&) = delete;
    Matte& operator=(const Matte&) = delete;

    std::unique_ptr<AlphaReader> reader() const;
    // Null where soft pixels stay unchanged.
    std::unique_ptr<UnmixedRows> unmixer() const;

  private:
    const ImageView<const T> image_;
    const MaskView mask_;
    const KernelTable& kernels_;
    std::optional<GuidedMatte> guided_;
    std::optional<CellGrid> grid_;
    CellValues parts_;
};

// The foreground of an image with a matte, one run of pixels at a time.
template <typename T>
class ForegroundRows {
  public:
    ForegroundRows(const ImageView<const T>& image, const Matte<T>& matte);
    struct Run {
        const T* pixels;
        const std::int16_t* alpha;
    };
    // The run of `count` pixels of row y from x on; it lies within one tile.  Valid until the next
    // call.
    Run read(std::ptrdiff_t y, std::size_t x, std::size_t count);

  private:
    const ImageView<const T> image_;
    std::unique_ptr<AlphaReader> alpha_;
    std::unique_ptr<UnmixedRows> unmixer_;
    std::vector<T> packed_;
    std::vector<T> unmixed_;
};

}  // namespace defocus
