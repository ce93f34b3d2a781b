#include "core/ops/cutout.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {

template <typename T>
void cutout_stage(const ImageView<const T>& image, const MaskView& mask, const MatteRecipe& recipe,
                  const ImageView<T>& out, const Threads& threads, const KernelTable& kernels) {
    const Matte<T> matte(image, mask, recipe, threads, kernels);
    const std::size_t width = size(image.width);
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        MatteTiles tiles(image, matte);
        for (std::ptrdiff_t y = first; y < last; ++y)
            for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, width - x);
                const auto run = tiles.foreground(y, x, count);
                T* const to = out.row(y) + 4 * x;
                if constexpr (std::is_same_v<T, std::uint8_t>)
                    kernels.attach_alpha(run.pixels, run.alpha, count, to);
                else
                    kernels.attach_alpha_16(run.pixels, run.alpha, count, to);
            }
    });
}

template void cutout_stage(const ImageView<const std::uint8_t>&, const MaskView&,
                           const MatteRecipe&, const ImageView<std::uint8_t>&, const Threads&,
                           const KernelTable&);
template void cutout_stage(const ImageView<const std::uint16_t>&, const MaskView&,
                           const MatteRecipe&, const ImageView<std::uint16_t>&, const Threads&,
                           const KernelTable&);

}  // namespace defocus
