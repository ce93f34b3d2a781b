#include "core/ops/refine_ops.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/base/samples.hpp"
#include "core/matte/guided_rows.hpp"
#include "core/matte/unmixed_rows.hpp"

namespace defocus {
template <typename T>
void guided_matte(const ImageView<const T>& image, const MaskView& mask,
                  const ImageView<float>& out, const Threads& threads, const KernelTable& kernels) {
    const GuidedMatte matte(image, mask, threads, kernels);
    const std::size_t width = size(image.width);
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        GuidedAlphaRows<T> rows(image, matte, kernels);
        for (std::ptrdiff_t y = first; y < last; ++y)
            kernels.alpha_floats(rows.read(y, 0, width), width, out.row(y));
    });
}

template void guided_matte(const ImageView<const std::uint8_t>&, const MaskView&,
                           const ImageView<float>&, const Threads&, const KernelTable&);
template void guided_matte(const ImageView<const std::uint16_t>&, const MaskView&,
                           const ImageView<float>&, const Threads&, const KernelTable&);

template <typename T>
MatteCells matte_cells(const ImageView<const T>& image, const MaskView& mask,
                       const KernelTable& kernels) {
    CellGrid grid = plan_cells(image.width, image.height);
    Planes<float> colours = cell_colours(image, grid, Threads(1), kernels);
    Planes<float> alpha = mask_of_cells(mask, grid, image.width, image.height, kernels);
    return {std::move(grid), std::move(colours), std::move(alpha)};
}

template MatteCells matte_cells(const ImageView<const std::uint8_t>&, const MaskView&,
                                const KernelTable&);
template MatteCells matte_cells(const ImageView<const std::uint16_t>&, const MaskView&,
                                const KernelTable&);

void unmix(const ImageView<const std::uint8_t>& image, const MaskView& matte,
           const ImageView<std::uint8_t>& foreground, const ImageView<std::uint8_t>& background,
           const Threads& threads, const KernelTable& kernels) {
    const CellGrid grid = plan_cells(image.width, image.height);
    const CellValues parts =
        blend_parts(cell_colours(image, grid, threads, kernels),
                    cell_alpha(matte, image.width, image.height, grid, kernels), grid,
                    CellSet(grid.width, grid.height, true), threads, kernels);
    const std::size_t width = size(image.width), height = size(image.height);
    for_row_bands(image.height, 3 * width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows alpha(matte, width, height, kernels);
        UnmixedRows rows(grid, parts, kernels);
        std::vector<std::uint8_t> packed(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::uint8_t* pixels = packed_row(image, y, packed.data());
            for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, width - x), i = 3 * x;
                rows.read(y, x, count, pixels + i, alpha.read(y, x, count), foreground.row(y) + i,
                          background.row(y) + i);
            }
        }
    });
}

}  // namespace defocus
