#include "core/portrait/portrait.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/base/alpha_reader.hpp"
#include "core/base/parallel.hpp"
#include "core/base/samples.hpp"
#include "core/blur/byte_blur.hpp"
#include "core/blur/tiles.hpp"
#include "core/blur/wide_rows.hpp"
#include "core/matte/matte.hpp"
#include "core/plan/axis_plan.hpp"
#include "core/plan/lens_plan.hpp"
#include "core/portrait/background_coefficients.hpp"
#include "core/portrait/highlights.hpp"
#include "core/portrait/wide_planes.hpp"

namespace defocus {
namespace {

// What every band of a portrait needs.
template <typename T>
struct Job {
    const ImageView<const T>& image;
    const ImageView<const T>& front;
    const Matte<T>& matte;     // of the front
    const Matte<T>& excluded;  // of the image
    const ImageView<T>& out;
    const KernelTable& kernels;
};
using Job8 = Job<std::uint8_t>;
using Job16 = Job<std::uint16_t>;

// Where the pieces of rows of a portrait go.  The image has three bytes a pixel, or a fourth one,
// which is 255.
class Sink {
  public:
    Sink(const ImageView<std::uint8_t>& out, const KernelTable& kernels)
        : out_(out),
          kernels_(kernels),
          opaque_(out.channels == 4 ? AlphaReader::tile : 0, 1 << 14) {}

    // Stores `count` pixels of row y from pixel x on, which write(target) writes to target as RGB.
    template <typename Write>
    void store(std::ptrdiff_t y, std::size_t x, std::size_t count, Write write) {
        std::uint8_t* const target = out_.row(y) + size(out_.channels) * x;
        if (opaque_.empty()) return write(target);
        write(rgb_);
        kernels_.attach_alpha(rgb_, opaque_.data(), count, target);
    }

  private:
    const ImageView<std::uint8_t>& out_;
    const KernelTable& kernels_;
    std::vector<std::int16_t> opaque_;
    std::uint8_t rgb_[3 * AlphaReader::tile];
};

// Blends a band of rows over `blur`, any object that for_tiles takes.
template <typename Blur>
void blend_band(const Job8& job, MatteTiles<std::uint8_t>& tiles, Blur& blur, const AxisPlan& y,
                bool linear, std::ptrdiff_t first, std::ptrdiff_t last) {
    Sink sink(job.out, job.kernels);
    for_tiles(blur, y, job.front, job.out, first, last, [&](const Tile& tile) {
        const std::size_t count = tile.count / 3;
        const auto run = tiles.foreground(tile.y, tile.x / 3, count);
        sink.store(tile.y, tile.x / 3, count, [&](std::uint8_t* to) {
            job.kernels.spline_blend(tile.rows, tile.taps, run.pixels, run.alpha, count, linear,
                                     to);
        });
    });
}

// A band over the image blurred with the subject in it, as sRGB: 16-bit integers throughout.
void plain_band(const Job8& job, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                std::ptrdiff_t last) {
    ByteBlur blur(job.image, x, y, first, last, job.kernels);
    MatteTiles tiles(job.front, job.matte);
    blend_band(job, tiles, blur, y, false, first, last);
}

// Blends a band of rows over the background that `grid` makes.
void blend_background(const Job8& job, MatteTiles<std::uint8_t>& tiles,
                      BackgroundPlanes<std::uint8_t>& grid, const AxisPlan& x, const AxisPlan& y,
                      bool linear, std::ptrdiff_t first, std::ptrdiff_t last) {
    BackgroundCoefficients coefficients(grid, x, job.kernels);
    WideRows wide(coefficients, x, y, first, job.kernels);
    blend_band(job, tiles, wide, y, linear, first, last);
}

void blend_background(const Job16& job, MatteTiles<std::uint16_t>& tiles,
                      BackgroundPlanes<std::uint16_t>& grid, const AxisPlan& x, const AxisPlan& y,
                      bool linear, std::ptrdiff_t first, std::ptrdiff_t last) {
    WidePlanes blur(grid, x, y, first, job.kernels);
    const std::size_t width = size(job.out.width);
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const WidePlanes::Span span = blur.rows(row);
        for (std::size_t at = 0; at < width; at += AlphaRows::tile) {
            const std::size_t count = std::min(AlphaRows::tile, width - at);
            const float* rows[4];
            for (int k = 0; k < 4; ++k) rows[k] = span.rows[k] + at;
            const auto run = tiles.foreground(row, at, count);
            job.kernels.spline_blend_16(rows, span.stride, span.taps, run.pixels, run.alpha, count,
                                        linear, job.out.row(row) + 3 * at);
        }
    }
}

// The additions of a lens to the plans of a Gaussian.
struct Lens {
    const Aperture& aperture;
    const Highlights* highlights;  // or null
};

// A band over the background without the subject in it, in sRGB or in light.  The blur has the
// shape of the lens's aperture, or is a Gaussian where there is no lens.
template <typename T>
void background_band(const Job<T>& job, const AxisPlan& x, const AxisPlan& y, bool linear,
                     const Lens* lens, std::ptrdiff_t first, std::ptrdiff_t last) {
    // The blur reads rows ahead of the blend by its radius.  What a row costs to read again decides
    // whether the blend has its own reader of the matte.
    const bool shared = &job.matte == &job.excluded && job.matte.guided();
    MatteTiles<T> front(job.front, job.matte, shared ? y.rows_ahead() : 0);
    std::optional<MatteTiles<T>> own;
    if (!shared) own.emplace(job.image, job.excluded);
    BackgroundPlanes<T> grid(job.image, shared ? front : *own, linear, x, y, first, last,
                             job.kernels);
    if (lens) grid.set_aperture(lens->aperture);
    if (lens && lens->highlights) grid.set_highlights(*lens->highlights);
    blend_background(job, front, grid, x, y, linear, first, last);
}

// A sample of a normalised background costs about as much as three of a plain blur.
constexpr std::size_t background_cost = 3;

template <typename T>
void gaussian_portrait(const Job<T>& job, const PortraitRecipe& recipe, const Threads& threads) {
    // 16-bit images have no plain blur: with nothing left out, all pixels weigh the same.
    const bool plain = std::is_same_v<T, std::uint8_t> && !recipe.masked && !recipe.linear;
    const Upsampling way = plain ? Upsampling::smoothing : Upsampling::interpolating;
    const AxisPlan x = plan_axis(recipe.sigma, job.image.width, way);
    const AxisPlan y = plan_axis(recipe.sigma, job.image.height, way);
    const std::size_t cost = size(3 * job.image.width) * (plain ? 1 : background_cost);
    for_row_bands(job.image.height, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        if constexpr (std::is_same_v<T, std::uint8_t>)
            if (plain) return plain_band(job, x, y, first, last);
        background_band(job, x, y, recipe.linear, nullptr, first, last);
    });
}

template <typename T>
void aperture_portrait(const Job<T>& job, const MaskView& excluded, const PortraitRecipe& recipe,
                       const Threads& threads) {
    const double radius = 2.0 * recipe.sigma;
    const LensPlan plan = plan_lens(radius, recipe.blades, job.image.width, job.image.height);
    Highlights highlights;
    const bool lit = recipe.linear && recipe.highlights > 0.0;
    if (lit)
        highlights =
            find_highlights(job.image, excluded, radius, recipe.highlights, threads, job.kernels);
    const Lens lens{plan.aperture, lit ? &highlights : nullptr};
    const std::size_t cost = size(3 * job.image.width) * background_cost;
    for_row_bands(job.image.height, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        background_band(job, plan.x, plan.y, recipe.linear, &lens, first, last);
    });
}

}  // namespace

template <typename T>
void portrait_stage(const ImageView<const T>& image, const ImageView<const T>& front,
                    const MaskView& mask, const MaskView& excluded, const PortraitRecipe& recipe,
                    const ImageView<T>& out, const Threads& threads, const KernelTable& kernels) {
    // Without masking all pixels weigh the same: a mask of one pixel without a subject.
    static constexpr std::uint8_t nothing = 0;
    const MaskView none = ImageView<const std::uint8_t>{&nothing, 1, 1, 1, 1, 1, 1};
    const Matte<T> matte(front, mask, recipe.matte, threads, kernels);
    const bool same = recipe.masked && recipe.one_matte;
    const MaskView& left_out = recipe.masked ? excluded : none;
    std::optional<Matte<T>> other;
    if (!same) other.emplace(image, left_out, MatteRecipe{}, threads, kernels);
    const Job<T> job{image, front, matte, same ? matte : *other, out, kernels};
    if (recipe.aperture)
        aperture_portrait(job, left_out, recipe, threads);
    else
        gaussian_portrait(job, recipe, threads);
}

template void portrait_stage(const ImageView<const std::uint8_t>&,
                             const ImageView<const std::uint8_t>&, const MaskView&, const MaskView&,
                             const PortraitRecipe&, const ImageView<std::uint8_t>&, const Threads&,
                             const KernelTable&);
template void portrait_stage(const ImageView<const std::uint16_t>&,
                             const ImageView<const std::uint16_t>&, const MaskView&,
                             const MaskView&, const PortraitRecipe&,
                             const ImageView<std::uint16_t>&, const Threads&, const KernelTable&);
}  // namespace defocus
