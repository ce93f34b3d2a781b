#include "core/stages.hpp"

#include <algorithm>
#include <optional>

#include "core/axis_plan.hpp"
#include "core/byte_blur.hpp"
#include "core/coefficient_rows.hpp"
#include "core/highlights.hpp"
#include "core/lens_plan.hpp"
#include "core/matte.hpp"
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
    const ImageView<const std::uint8_t>& front;
    const Matte& matte;     // of the front
    const Matte& excluded;  // of the image
    const ImageView<std::uint8_t>& out;
    const KernelTable& kernels;
};

// Blends a band of rows over `blur`, anything that for_tiles takes.
template <typename Blur>
void blend_band(const Job& job, Blur& blur, const AxisPlan& y, bool linear, std::ptrdiff_t first,
                std::ptrdiff_t last) {
    // The blur runs ahead of the blend by its radius, so the blend reads the matte by itself.
    ForegroundRows foreground(job.front, job.matte);
    for_tiles(blur, y, job.front, job.out, first, last, [&](const Tile& tile) {
        const std::size_t count = tile.count / 3;
        const auto run = foreground.read(tile.y, tile.x / 3, count);
        job.kernels.spline_blend(tile.rows, tile.taps, run.pixels, run.alpha, count, linear,
                                 job.out.row(tile.y) + tile.x);
    });
}

// Background as it is blurred with the subject in it, in codes: 16-bit integers all the way.
void plain_band(const Job& job, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                std::ptrdiff_t last) {
    ByteBlur blur(job.image, x, y, first, last, job.kernels);
    blend_band(job, blur, y, false, first, last);
}

// Background without the subject in it, in codes or in light.
void background_band(const Job& job, BackgroundCoefficients& coefficients, const AxisPlan& x,
                     const AxisPlan& y, bool linear, std::ptrdiff_t first, std::ptrdiff_t last) {
    WideRows wide(coefficients, x, y, first, job.kernels);
    blend_band(job, wide, y, linear, first, last);
}

// A sample of a normalised background costs about as many of a plain blur.
constexpr std::size_t background_cost = 3;

void gaussian_portrait(const Job& job, const PortraitRecipe& recipe, int threads) {
    const bool plain = !recipe.masked && !recipe.linear;
    const Upsampling way = plain ? Upsampling::smoothing : Upsampling::interpolating;
    const AxisPlan x = plan_axis(recipe.sigma, job.image.width, way);
    const AxisPlan y = plan_axis(recipe.sigma, job.image.height, way);
    const std::size_t cost = size(3 * job.image.width) * (plain ? 1 : background_cost);
    for_row_bands(job.image.height, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        if (plain) return plain_band(job, x, y, first, last);
        BackgroundCoefficients coefficients(job.image, job.excluded, recipe.linear, x, y, first,
                                            last, job.kernels);
        background_band(job, coefficients, x, y, recipe.linear, first, last);
    });
}

void aperture_portrait(const Job& job, const MaskView& excluded, const PortraitRecipe& recipe,
                       int threads) {
    const double radius = 2.0 * recipe.sigma;
    const LensPlan plan = plan_lens(radius, recipe.blades, job.image.width, job.image.height);
    Highlights highlights;
    const bool lit = recipe.linear && recipe.highlights > 0.0;
    if (lit)
        highlights =
            find_highlights(job.image, excluded, radius, recipe.highlights, threads, job.kernels);
    const std::size_t cost = size(3 * job.image.width) * background_cost;
    for_row_bands(job.image.height, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        BackgroundCoefficients coefficients(job.image, job.excluded, recipe.linear, plan.x, plan.y,
                                            first, last, job.kernels);
        coefficients.set_aperture(plan.aperture);
        if (lit) coefficients.set_highlights(highlights);
        background_band(job, coefficients, plan.x, plan.y, recipe.linear, first, last);
    });
}

}  // namespace

void portrait_stage(const ImageView<const std::uint8_t>& image,
                    const ImageView<const std::uint8_t>& front, const MaskView& mask,
                    const MaskView& excluded, const PortraitRecipe& recipe,
                    const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    // Without masking every pixel weighs the same: a mask of one pixel that holds no subject.
    static constexpr std::uint8_t nothing = 0;
    const MaskView none = ImageView<const std::uint8_t>{&nothing, 1, 1, 1, 1, 1, 1};
    const Matte matte(front, mask, recipe.matte, kernels);
    const bool same = recipe.masked && recipe.one_matte;
    const MaskView& left_out = recipe.masked ? excluded : none;
    std::optional<Matte> other;
    if (!same) other.emplace(image, left_out, MatteRecipe{}, kernels);
    const Job job{image, front, matte, same ? matte : *other, out, kernels};
    if (recipe.aperture)
        aperture_portrait(job, left_out, recipe, threads);
    else
        gaussian_portrait(job, recipe, threads);
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const MatteRecipe& recipe, const ImageView<std::uint8_t>& out, int threads,
                  const KernelTable& kernels) {
    const Matte matte(image, mask, recipe, kernels);
    const std::size_t width = size(image.width);
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        ForegroundRows foreground(image, matte);
        for (std::ptrdiff_t y = first; y < last; ++y)
            for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, width - x);
                const auto run = foreground.read(y, x, count);
                kernels.attach_alpha(run.pixels, run.alpha, count, out.row(y) + 4 * x);
            }
    });
}

}  // namespace defocus
