// The matte of a picture as the stages take it, and the colours that its soft edges mix.
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
    // A network's raw map, whose edges are to follow the photograph; else the mask is the matte,
    // stretched as it is.
    bool guided = false;
    // Take soft pixels apart, into what of the subject and of the background is in them.
    bool unmixed = false;
};

// Made once for a picture, of bytes or words, and then read by any number of threads.  Image and
// mask must outlive it.
template <typename T>
class Matte {
  public:
    Matte(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
          const KernelTable& kernels);
    Matte(const Matte&) = delete;
    Matte& operator=(const Matte&) = delete;

    std::unique_ptr<AlphaReader> reader() const;
    // Null where soft pixels stay as they are.
    std::unique_ptr<UnmixedRows> unmixer() const;

  private:
    const ImageView<const T> image_;
    const MaskView mask_;
    const KernelTable& kernels_;
    std::optional<GuidedMatte> guided_;
    std::optional<CellGrid> grid_;
    Planes<float> parts_;
};

// The foreground of a matte's picture, a run at a time.
template <typename T>
class ForegroundRows {
  public:
    ForegroundRows(const ImageView<const T>& image, const Matte<T>& matte);
    struct Run {
        const T* pixels;
        const std::int16_t* alpha;
    };
    // `count` pixels of row y from x on, within one tile; valid until the next call.
    Run read(std::ptrdiff_t y, std::size_t x, std::size_t count);

  private:
    const ImageView<const T> image_;
    std::unique_ptr<AlphaReader> alpha_;
    std::unique_ptr<UnmixedRows> unmixer_;
    std::vector<T> packed_;
    std::vector<T> unmixed_;
};

}  // namespace defocus
