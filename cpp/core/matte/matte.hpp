// The matte of an image as portrait and cutout use it, and the colours that its soft edges mix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
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
          const Threads& threads, const KernelTable& kernels);
    Matte(const Matte&) = delete;
    Matte& operator=(const Matte&) = delete;

    std::unique_ptr<AlphaReader> reader() const;
    // Whether alpha of a pixel takes some work.
    bool guided() const noexcept { return guided_.has_value(); }
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

// What an image with a matte consists of, one run of pixels at a time.  Two readers of the same
// rows may share an object, of which the first one reads the background.  Then alpha and foreground
// of the mixed tiles are made once: those of the last `kept` rows are kept.
template <typename T>
class MatteTiles {
  public:
    MatteTiles(const ImageView<const T>& image, const Matte<T>& matte, std::ptrdiff_t kept = 0);
    using Kind = AlphaReader::Kind;
    struct Run {
        const T* pixels;
        const std::int16_t* alpha;
    };
    // Of the run of `count` pixels of row y from x on: a tile, or what the row has of it.
    Kind kind(std::ptrdiff_t y, std::size_t x, std::size_t count) {
        return alpha_->kind(y, x, count);
    }
    // The alpha of the run, and its colours without the background or without the subject.  Valid
    // until the next call.
    Run foreground(std::ptrdiff_t y, std::size_t x, std::size_t count);
    Run background(std::ptrdiff_t y, std::size_t x, std::size_t count);

  private:
    struct Tile {
        std::ptrdiff_t row = -1;
        std::vector<std::int16_t> alpha;
        std::vector<T> foreground;
    };
    Tile* kept_tile(std::ptrdiff_t y, std::size_t x) noexcept;

    const ImageView<const T> image_;
    std::unique_ptr<AlphaReader> alpha_;
    std::unique_ptr<UnmixedRows> unmixer_;
    std::size_t tiles_across_;
    std::vector<Tile> tiles_;  // [row][tile across]
    std::vector<T> packed_;
    std::vector<T> foreground_, background_;  // of one tile
};

}  // namespace defocus
