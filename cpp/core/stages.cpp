#include "core/stages.hpp"

#include <vector>

#include "core/axis_plan.hpp"
#include "core/row_sources.hpp"
#include "core/wide_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

void portrait_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask, double sigma,
                    bool masked, const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    const std::size_t width = size(image.width), n = 3 * width;
    const AxisPlan x = plan_axis(sigma, image.width), y = plan_axis(sigma, image.height);
    // The blur runs ahead of the blend by its radius, so the blend has a matte of its own.
    AlphaRows matte(mask, width, size(image.height), 3, kernels);
    std::vector<std::int16_t> alpha(n);
    std::vector<std::uint8_t> scratch(n);

    if (!masked) {
        PixelRows<std::uint8_t> source(image, kernels);
        WideRows<std::int16_t> wide(source, x, y, kernels);
        for (std::ptrdiff_t row = 0; row < image.height; ++row) {
            const auto span = wide.row(row);
            kernels.spline_blend(span.rows, span.taps, packed_row(image, row, scratch.data()),
                                 matte.row(row, alpha.data()), n, out.row(row));
        }
        return;
    }
    BackgroundRows source(image, mask, kernels);
    WideRows<float> wide(source, x, y, kernels);
    std::vector<std::uint8_t> planes(n), background(n);
    for (std::ptrdiff_t row = 0; row < image.height; ++row) {
        const auto span = wide.row(row);
        kernels.spline_normalised(span.rows, span.taps, wide.stride(), width, planes.data(), width);
        kernels.merge_bytes(planes.data(), width, width, 3, background.data());
        kernels.blend(packed_row(image, row, scratch.data()), background.data(),
                      matte.row(row, alpha.data()), n, out.row(row));
    }
}

void cutout_stage(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                  const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    const std::size_t width = size(image.width);
    AlphaRows matte(mask, width, size(image.height), 1, kernels);
    std::vector<std::int16_t> alpha(width);
    std::vector<std::uint8_t> scratch(3 * width);
    for (std::ptrdiff_t y = 0; y < image.height; ++y)
        kernels.attach_alpha(packed_row(image, y, scratch.data()), matte.row(y, alpha.data()),
                             width, out.row(y));
}

}  // namespace defocus
