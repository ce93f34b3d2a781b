#include "core/stages.hpp"

#include <vector>

#include "core/axis_plan.hpp"
#include "core/blurred_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask, double sigma,
                    const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    BackgroundRows source(image, mask, kernels);
    BlurredRows background(source, plan_axis(sigma, image.width), plan_axis(sigma, image.height),
                           kernels);
    // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
    MatteRows matte(mask, size(image.width), size(image.height), kernels);
    std::vector<std::uint8_t> scratch(size(3 * image.width));
    for (std::ptrdiff_t y = 0; y < image.height; ++y)
        kernels.blend_normalised(packed_row(image, y, scratch.data()), background.row(y),
                                 background.stride(), matte.row(y), size(image.width), out.row(y));
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    MatteRows matte(mask, size(image.width), size(image.height), kernels);
    std::vector<std::uint8_t> scratch(size(3 * image.width));
    for (std::ptrdiff_t y = 0; y < image.height; ++y)
        kernels.attach_alpha(packed_row(image, y, scratch.data()), matte.row(y), size(image.width),
                             out.row(y));
}

}  // namespace defocus
