#include "core/stages.hpp"

#include <vector>

#include "core/axis_plan.hpp"
#include "core/byte_blur.hpp"
#include "core/parallel.hpp"
#include "core/row_sources.hpp"
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

// The picture's own rows and the matte's, in step with the background.
class ForegroundRows {
  public:
    explicit ForegroundRows(const Job& job)
        : job_(job),
          // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
          matte_(job.mask, size(job.image.width), size(job.image.height), 3, job.kernels),
          pixels_(size(3 * job.image.width)),
          alpha_(pixels_.size()) {}

    const std::uint8_t* pixels(std::ptrdiff_t y) {
        return packed_row(job_.image, y, pixels_.data());
    }
    const std::int16_t* alpha(std::ptrdiff_t y) { return matte_.row(y, alpha_.data()); }
    std::size_t samples() const noexcept { return pixels_.size(); }

  private:
    const Job& job_;
    AlphaRows matte_;
    std::vector<std::uint8_t> pixels_;
    std::vector<std::int16_t> alpha_;
};

// Background as it is blurred with the subject in it, in codes: 16-bit integers all the way.
void plain_band(const Job& job, std::ptrdiff_t first, std::ptrdiff_t last) {
    ForegroundRows foreground(job);
    ByteBlur blur(job.image, job.x, job.y, first, job.kernels);
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const auto span = blur.row(row);
        job.kernels.spline_blend(span.rows, span.taps, foreground.pixels(row),
                                 foreground.alpha(row), foreground.samples(), job.out.row(row));
    }
}

void weighted_band(const Job& job, const MaskView& blur_mask, bool linear, std::ptrdiff_t first,
                   std::ptrdiff_t last) {
    const auto width = size(job.image.width);
    ForegroundRows foreground(job);
    BackgroundRows source(job.image, blur_mask, linear, job.kernels);
    WideRows<float> wide(source, job.x, job.y, first, job.kernels);
    std::vector<std::uint8_t> planes(3 * width), background(3 * width);
    const auto blend = linear ? job.kernels.blend_linear : job.kernels.blend;
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const auto span = wide.row(row);
        const std::int16_t* alpha = foreground.alpha(row);
        job.kernels.spline_normalised(span.rows, span.taps, wide.stride(), alpha, width,
                                      planes.data(), width, linear);
        job.kernels.merge_bytes(planes.data(), width, width, 3, background.data());
        blend(foreground.pixels(row), background.data(), alpha, foreground.samples(),
              job.out.row(row));
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
                          weighted_band(job, recipe.masked ? mask : everywhere, recipe.linear,
                                        first, last);
                  });
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    const std::size_t width = size(image.width);
    for_row_bands(image.height, 4 * width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(mask, width, size(image.height), 1, kernels);
        std::vector<std::int16_t> alpha(width);
        std::vector<std::uint8_t> scratch(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y)
            kernels.attach_alpha(packed_row(image, y, scratch.data()), matte.row(y, alpha.data()),
                                 width, out.row(y));
    });
}

}  // namespace defocus
