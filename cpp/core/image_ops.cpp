#include "core/image_ops.hpp"

#include <type_traits>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/wide_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

template <typename T>
void gaussian_blur(const ImageView<const T>& image, double sigma, const ImageView<T>& out,
                   const KernelTable& kernels) {
    using Sample = std::conditional_t<std::is_same_v<T, float>, float, std::int16_t>;
    PixelRows<T> source(image, kernels);
    WideRows<Sample> wide(source, plan_axis(sigma, image.width), plan_axis(sigma, image.height),
                          kernels);
    const std::size_t samples = source.samples();
    std::vector<float> planes(std::is_same_v<T, float> ? samples : 0);
    for (std::ptrdiff_t y = 0; y < image.height; ++y) {
        const auto span = wide.row(y);
        if constexpr (std::is_same_v<T, float>) {
            kernels.sum_rows(span.rows, span.taps, 4, samples, planes.data());
            kernels.merge_floats(planes.data(), wide.stride(), source.width(), source.planes(),
                                 out.row(y));
        } else {
            kernels.spline_bytes(span.rows, span.taps, samples, out.row(y));
        }
    }
}

template void gaussian_blur(const ImageView<const std::uint8_t>&, double,
                            const ImageView<std::uint8_t>&, const KernelTable&);
template void gaussian_blur(const ImageView<const float>&, double, const ImageView<float>&,
                            const KernelTable&);

void resize_bilinear(const MaskView& mask, const ImageView<float>& out,
                     const KernelTable& kernels) {
    MatteRows matte(mask, size(out.width), size(out.height), kernels);
    for (std::ptrdiff_t y = 0; y < out.height; ++y) matte.read(y, out.row(y));
}

void blend(const ImageView<const std::uint8_t>& foreground,
           const ImageView<const std::uint8_t>& background, const MaskView& alpha,
           const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    const std::size_t n = size(3 * out.width);
    AlphaRows matte(alpha, size(out.width), size(out.height), 3, kernels);
    std::vector<std::uint8_t> front(n), back(n);
    std::vector<std::int16_t> row(n);
    for (std::ptrdiff_t y = 0; y < out.height; ++y)
        kernels.blend(packed_row(foreground, y, front.data()),
                      packed_row(background, y, back.data()), matte.row(y, row.data()), n,
                      out.row(y));
}

}  // namespace defocus
