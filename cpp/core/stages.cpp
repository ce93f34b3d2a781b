#include "core/stages.hpp"

#include <algorithm>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/byte_blur.hpp"
#include "core/coefficient_rows.hpp"
#include "core/parallel.hpp"
#include "core/tiles.hpp"
#include "core/wide_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

// What every band of a portrait needs.
struct Job {
    const ImageView<const std::uint8_t>& image;
    const MaskView& mask;
    const AxisPlan& x;
    const AxisPlan& y;
    const ImageView<std::uint8_t>& out;
    const KernelTable& kernels;
};

// Blends a band of rows over `blur`, anything that for_tiles takes.
template <typename Blur>
void blend_band(const Job& job, Blur& blur, bool linear, std::ptrdiff_t first,
                std::ptrdiff_t last) {
    const std::size_t width = size(job.image.width);
    // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
    AlphaRows matte(job.mask, width, size(job.image.height), job.kernels);
    std::vector<std::uint8_t> scratch(job.image.rows_are_packed() ? 0 : 3 * width);
    for_tiles(blur, job.y, job.image, job.out, first, last, [&](const Tile& tile) {
        const std::uint8_t* pixels = packed_row(job.image, tile.y, scratch.data()) + tile.x;
        const std::size_t x = tile.x / 3, count = tile.count / 3;
        job.kernels.spline_blend(tile.rows, tile.taps, pixels, matte.read(tile.y, x, count), count,
                                 linear, job.out.row(tile.y) + tile.x);
    });
}

// Background as it is blurred with the subject in it, in codes: 16-bit integers all the way.
void plain_band(const Job& job, std::ptrdiff_t first, std::ptrdiff_t last) {
    ByteBlur blur(job.image, job.x, job.y, first, last, job.kernels);
    blend_band(job, blur, false, first, last);
}

// Background without the subject in it, in codes or in light.
void background_band(const Job& job, const MaskView& blur_mask, bool linear, std::ptrdiff_t first,
                     std::ptrdiff_t last) {
    BackgroundCoefficients coefficients(job.image, blur_mask, linear, job.x, job.y, first, last,
                                        job.kernels);
    WideRows wide(coefficients, job.x, job.y, first, job.kernels);
    blend_band(job, wide, linear, first, last);
}

}  // namespace

void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                    const PortraitRecipe& recipe, const ImageView<std::uint8_t>& out, int threads,
                    const KernelTable& kernels) {
    const bool plain = !recipe.masked && !recipe.linear;
    const Upsampling way = plain ? Upsampling::smoothing : Upsampling::interpolating;
    const AxisPlan x = plan_axis(recipe.sigma, image.width, way);
    const AxisPlan y = plan_axis(recipe.sigma, image.height, way);
    const Job job{image, mask, x, y, out, kernels};
    // Without masking every pixel weighs the same: a mask of one pixel that holds no subject.
    static constexpr std::uint8_t nothing = 0;
    const MaskView everywhere = ImageView<const std::uint8_t>{&nothing, 1, 1, 1, 1, 1, 1};
    // The background costs three times as much a sample as a plain blur.
    const std::size_t cost = size(3 * image.width) * (plain ? 1 : 3);
    for_row_bands(image.height, cost, threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      if (plain)
                          plain_band(job, first, last);
                      else
                          background_band(job, recipe.masked ? mask : everywhere, recipe.linear,
                                          first, last);
                  });
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    const std::size_t width = size(image.width);
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(mask, width, size(image.height), kernels);
        std::vector<std::uint8_t> scratch(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::uint8_t* row = packed_row(image, y, scratch.data());
            for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, width - x);
                kernels.attach_alpha(row + 3 * x, matte.read(y, x, count), count,
                                     out.row(y) + 4 * x);
            }
        }
    });
}

}  // namespace defocus
