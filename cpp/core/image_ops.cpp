#include "core/image_ops.hpp"

#include <type_traits>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/byte_blur.hpp"
#include "core/float_rows.hpp"
#include "core/parallel.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

template <>
void gaussian_blur(const ImageView<const std::uint8_t>& image, double sigma,
                   const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    const AxisPlan x = plan_axis(sigma, image.width), y = plan_axis(sigma, image.height);
    const std::size_t n = size(image.width * image.channels);
    for_row_bands(image.height, n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        ByteBlur blur(image, x, y, first, kernels);
        for (std::ptrdiff_t row = first; row < last; ++row) {
            const auto span = blur.row(row);
            kernels.spline_bytes(span.rows, span.taps, n, out.row(row));
        }
    });
}

template <>
void gaussian_blur(const ImageView<const float>& image, double sigma, const ImageView<float>& out,
                   int threads, const KernelTable& kernels) {
    const AxisPlan x = plan_axis(sigma, image.width), y = plan_axis(sigma, image.height);
    const std::size_t n = size(image.width * image.channels);
    for_row_bands(image.height, n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        FloatRows rows(image, x, y, first, kernels);
        for (std::ptrdiff_t row = first; row < last; ++row) rows.read(row, out.row(row));
    });
}

void resize_bilinear(const MaskView& mask, const ImageView<float>& out, int threads,
                     const KernelTable& kernels) {
    for_row_bands(out.height, size(out.width), threads,
                  [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                      MatteRows matte(mask, size(out.width), size(out.height), kernels);
                      for (std::ptrdiff_t y = first; y < last; ++y) matte.read(y, out.row(y));
                  });
}

void blend(const ImageView<const std::uint8_t>& foreground,
           const ImageView<const std::uint8_t>& background, const MaskView& alpha,
           const ImageView<std::uint8_t>& out, int threads, const KernelTable& kernels) {
    const std::size_t width = size(out.width);
    for_row_bands(out.height, 3 * width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(alpha, width, size(out.height), kernels);
        std::vector<std::uint8_t> front(3 * width), back(3 * width);
        Planes<std::int16_t> row(width, 1);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            matte.read(y, row.data());
            kernels.blend(packed_row(foreground, y, front.data()),
                          packed_row(background, y, back.data()), row.data(), width, out.row(y));
        }
    });
}

}  // namespace defocus
