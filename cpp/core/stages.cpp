#include "core/stages.hpp"

#include <algorithm>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/background_rows.hpp"
#include "core/byte_blur.hpp"
#include "core/parallel.hpp"
#include "core/row_sources.hpp"

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

// The picture's own rows and the matte's, in step with the background.
class ForegroundRows {
  public:
    explicit ForegroundRows(const Job& job)
        : job_(job),
          // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
          matte_(job.mask, size(job.image.width), size(job.image.height), job.kernels),
          pixels_(size(3 * job.image.width)),
          alpha_(size(job.image.width), 1) {}

    const std::uint8_t* pixels(std::ptrdiff_t y) {
        return packed_row(job_.image, y, pixels_.data());
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

// Background as it is blurred with the subject in it, in codes: 16-bit integers all the way.
void plain_band(const Job& job, std::ptrdiff_t first, std::ptrdiff_t last) {
    ForegroundRows foreground(job);
    ByteBlur blur(job.image, job.x, job.y, first, job.kernels);
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const auto span = blur.row(row);
        job.kernels.spline_blend(span.rows, span.taps, foreground.pixels(row),
                                 foreground.alpha(row), size(job.image.width), job.out.row(row));
    }
}

// Background without the subject in it, in codes or in light.
void normalised_band(const Job& job, const MaskView& blur_mask, bool linear, std::ptrdiff_t first,
                     std::ptrdiff_t last) {
    const auto width = size(job.image.width);
    const KernelTable& k = job.kernels;
    const auto blend = linear ? k.light_blend : k.spline_blend;
    const auto blend_mixed = linear ? k.light_blend_mixed : k.spline_blend_mixed;
    ForegroundRows foreground(job);
    BackgroundSource source(job.image, blur_mask, linear, k);
    BackgroundRows background(source, job.x, job.y, linear, first, k);
    Planes<std::int16_t> taps(width, 4);  // of their own, for the pixels of a run of cells

    for (std::ptrdiff_t row = first; row < last; ++row) {
        const auto span = background.row(row);
        const std::uint8_t* pixels = foreground.pixels(row);
        const std::int16_t* alpha = foreground.alpha(row);
        std::uint8_t* out = job.out.row(row);
        for (std::size_t x = 0, end; x < width; x = end) {
            const std::uint8_t mixed = span.mixed[x / BackgroundRows::cell];
            for (end = x; end < width && span.mixed[end / BackgroundRows::cell] == mixed;)
                end = std::min(end + BackgroundRows::cell, width);
            const std::size_t at = 3 * x;
            const std::int16_t* colours[4];
            for (int r = 0; r < 4; ++r) colours[r] = span.colours[r] + at;
            if (!mixed) {
                blend(colours, span.q15, pixels + at, alpha + x, end - x, out + at);
                continue;
            }
            const float* weights[4];
            for (int r = 0; r < 4; ++r) weights[r] = span.weights[r] + x;
            k.mix_taps(weights, span.taps, end - x, taps.data(), taps.stride());
            blend_mixed(colours, taps.data(), taps.stride(), pixels + at, alpha + x, end - x,
                        out + at);
        }
    }
}

}  // namespace

void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                    const PortraitRecipe& recipe, const ImageView<std::uint8_t>& out, int threads,
                    const KernelTable& kernels) {
    const AxisPlan x = plan_axis(recipe.sigma, image.width);
    const AxisPlan y = plan_axis(recipe.sigma, image.height);
    const Job job{image, mask, x, y, out, kernels};
    // Without masking every pixel weighs the same: a mask of one pixel that holds no subject.
    static constexpr std::uint8_t nothing = 0;
    const MaskView everywhere = ImageView<const std::uint8_t>{&nothing, 1, 1, 1, 1, 1, 1};
    for_row_bands(image.height, size(3 * image.width), threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      if (!recipe.masked && !recipe.linear)
                          plain_band(job, first, last);
                      else
                          normalised_band(job, recipe.masked ? mask : everywhere, recipe.linear,
                                          first, last);
                  });
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
