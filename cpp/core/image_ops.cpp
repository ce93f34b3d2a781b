#include "core/image_ops.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "core/axis_plan.hpp"
#include "core/blurred_rows.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

template <typename T>
void gaussian_blur(const ImageView<const T>& image, double sigma, const ImageView<T>& out,
                   const KernelTable& kernels) {
    PixelRows<T> source(image, kernels);
    BlurredRows blurred(source, plan_axis(sigma, image.width), plan_axis(sigma, image.height),
                        kernels);
    for (std::ptrdiff_t y = 0; y < image.height; ++y) {
        const float* planes = blurred.row(y);
        if constexpr (std::is_same_v<T, std::uint8_t>)
            kernels.merge(planes, blurred.stride(), size(image.width), size(image.channels),
                          out.row(y));
        else
            kernels.merge_float(planes, blurred.stride(), size(image.width), size(image.channels),
                                out.row(y));
    }
}

template void gaussian_blur(const ImageView<const std::uint8_t>&, double,
                            const ImageView<std::uint8_t>&, const KernelTable&);
template void gaussian_blur(const ImageView<const float>&, double, const ImageView<float>&,
                            const KernelTable&);

void resize_bilinear(const MaskView& mask, const ImageView<float>& out,
                     const KernelTable& kernels) {
    MatteRows matte(mask, size(out.width), size(out.height), kernels);
    for (std::ptrdiff_t y = 0; y < out.height; ++y)
        std::copy_n(matte.row(y), out.width, out.row(y));
}

void blend(const ImageView<const std::uint8_t>& foreground,
           const ImageView<const std::uint8_t>& background, const MaskView& alpha,
           const ImageView<std::uint8_t>& out, const KernelTable& kernels) {
    MatteRows matte(alpha, size(out.width), size(out.height), kernels);
    std::vector<std::uint8_t> front(size(3 * out.width)), back(size(3 * out.width));
    for (std::ptrdiff_t y = 0; y < out.height; ++y)
        kernels.blend(packed_row(foreground, y, front.data()),
                      packed_row(background, y, back.data()), matte.row(y), size(out.width),
                      out.row(y));
}

}  // namespace defocus
