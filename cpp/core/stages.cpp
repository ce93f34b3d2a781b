#include "core/stages.hpp"

#include <algorithm>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/byte_blur.hpp"
#include "core/coefficient_rows.hpp"
#include "core/highlights.hpp"
#include "core/lens_plan.hpp"
#include "core/parallel.hpp"
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
    const MaskView& mask;
    const MaskView& excluded;
    const ImageView<std::uint8_t>& out;
    const KernelTable& kernels;
};

// The rows in front and the matte's, in step with the background.
class ForegroundRows {
  public:
    explicit ForegroundRows(const Job& job)
        : job_(job),
          // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
          matte_(job.mask, size(job.image.width), size(job.image.height), job.kernels),
          pixels_(size(3 * job.image.width)),
          alpha_(size(job.image.width), 1) {}

    const std::uint8_t* pixels(std::ptrdiff_t y) {
        return packed_row(job_.front, y, pixels_.data());
    }
    const std::int16_t* alpha(std::ptrdiff_t y) {
        matte_.read(y, alpha_.data());
        return alpha_.data();
    }

  private:
    const Job& job_;
    AlphaRows matte_;
    std::vector<std::uint8_t> pixels_;
    Planes<std::int16_t> alpha_;
};

// Blends a band of rows under the foreground; `row(y)` gives the background of row y.
template <typename Rows>
void blend_band(const Job& job, bool linear, std::ptrdiff_t first, std::ptrdiff_t last, Rows row) {
    ForegroundRows foreground(job);
    for (std::ptrdiff_t y = first; y < last; ++y) {
        const WideRows::Span span = row(y);
        job.kernels.spline_blend(span.rows, span.taps, foreground.pixels(y), foreground.alpha(y),
                                 size(job.image.width), linear, job.out.row(y));
    }
}

// Background as it is blurred with the subject in it, in codes: 16-bit integers all the way.
void plain_band(const Job& job, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                std::ptrdiff_t last) {
    ByteBlur blur(job.image, x, y, first, job.kernels);
    blend_band(job, false, first, last, [&](std::ptrdiff_t row) { return blur.row(row); });
}

// Background without the subject in it, in codes or in light.
void background_band(const Job& job, BackgroundCoefficients& coefficients, const AxisPlan& x,
                     const AxisPlan& y, bool linear, std::ptrdiff_t first, std::ptrdiff_t last) {
    WideRows wide(coefficients, x, y, first, job.kernels);
    blend_band(job, linear, first, last, [&](std::ptrdiff_t row) { return wide.row(row); });
}

void gaussian_portrait(const Job& job, const PortraitRecipe& recipe, int threads) {
    const bool plain = !recipe.masked && !recipe.linear;
    const Upsampling way = plain ? Upsampling::smoothing : Upsampling::interpolating;
    const AxisPlan x = plan_axis(recipe.sigma, job.image.width, way);
    const AxisPlan y = plan_axis(recipe.sigma, job.image.height, way);
    for_row_bands(job.image.height, size(3 * job.image.width), threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      if (plain) return plain_band(job, x, y, first, last);
                      BackgroundCoefficients coefficients(job.image, job.excluded, recipe.linear, x,
                                                          y, first, job.kernels);
                      background_band(job, coefficients, x, y, recipe.linear, first, last);
                  });
}

void aperture_portrait(const Job& job, const PortraitRecipe& recipe, int threads) {
    const double radius = 2.0 * recipe.sigma;
    const LensPlan plan = plan_lens(radius, recipe.blades, job.image.width, job.image.height);
    Highlights highlights;
    const bool lit = recipe.linear && recipe.highlights > 0.0;
    if (lit)
        highlights = find_highlights(job.image, job.excluded, radius, recipe.highlights, threads,
                                     job.kernels);
    for_row_bands(job.image.height, size(3 * job.image.width), threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      BackgroundCoefficients coefficients(job.image, job.excluded, recipe.linear,
                                                          plan.x, plan.y, first, job.kernels);
                      coefficients.set_aperture(plan.aperture);
                      if (lit) coefficients.set_highlights(highlights);
                      background_band(job, coefficients, plan.x, plan.y, recipe.linear, first,
                                      last);
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
    const Job job{image, front, mask, recipe.masked ? excluded : none, out, kernels};
    if (recipe.aperture)
        aperture_portrait(job, recipe, threads);
    else
        gaussian_portrait(job, recipe, threads);
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    const std::size_t width = size(image.width);
    for_row_bands(image.height, 4 * width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(mask, width, size(image.height), kernels);
        std::vector<std::int16_t> alpha(width);
        std::vector<std::uint8_t> scratch(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            matte.read(y, alpha.data());
            kernels.attach_alpha(packed_row(image, y, scratch.data()), alpha.data(), width,
                                 out.row(y));
        }
    });
}

}  // namespace defocus
