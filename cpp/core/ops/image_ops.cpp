#include "core/ops/image_ops.hpp"

#include <algorithm>
#include <vector>

#include "core/base/parallel.hpp"
#include "core/base/samples.hpp"
#include "core/blur/byte_blur.hpp"
#include "core/blur/float_rows.hpp"
#include "core/blur/tiles.hpp"
#include "core/plan/axis_plan.hpp"

namespace defocus {
template <>
void gaussian_blur(const ImageView<const std::uint8_t>& image, double sigma,
                   const ImageView<std::uint8_t>& out, const Threads& threads,
                   const KernelTable& kernels) {
    const AxisPlan x = plan_axis(sigma, image.width), y = plan_axis(sigma, image.height);
    const std::size_t n = size(image.width * image.channels);
    for_row_bands(image.height, n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        ByteBlur blur(image, x, y, first, last, kernels);
        for_tiles(blur, y, image, out, first, last, [&](const Tile& tile) {
            kernels.spline_bytes(tile.rows, tile.taps, tile.count, out.row(tile.y) + tile.x);
        });
    });
}

template <>
void gaussian_blur(const ImageView<const float>& image, double sigma, const ImageView<float>& out,
                   const Threads& threads, const KernelTable& kernels) {
    const AxisPlan x = plan_axis(sigma, image.width), y = plan_axis(sigma, image.height);
    const std::size_t n = size(image.width * image.channels);
    for_row_bands(image.height, n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        FloatRows rows(image, x, y, first, last, kernels);
        for (std::ptrdiff_t row = first; row < last; ++row) rows.read(row, out.row(row));
    });
}

void resize_bilinear(const MaskView& mask, const ImageView<float>& out, const Threads& threads,
                     const KernelTable& kernels) {
    for_row_bands(out.height, size(out.width), threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      MatteRows matte(mask, size(out.width), size(out.height), kernels);
                      for (std::ptrdiff_t y = first; y < last; ++y) matte.read(y, out.row(y));
                  });
}

void blend(const ImageView<const std::uint8_t>& foreground,
           const ImageView<const std::uint8_t>& background, const MaskView& alpha,
           const ImageView<std::uint8_t>& out, const Threads& threads, const KernelTable& kernels) {
    const std::size_t width = size(out.width);
    for_row_bands(out.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(alpha, width, size(out.height), kernels);
        std::vector<std::uint8_t> front(3 * width), back(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::uint8_t* f = packed_row(foreground, y, front.data());
            const std::uint8_t* b = packed_row(background, y, back.data());
            for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, width - x), i = 3 * x;
                kernels.blend(f + i, b + i, matte.read(y, x, count), count, out.row(y) + i);
            }
        }
    });
}

}  // namespace defocus
