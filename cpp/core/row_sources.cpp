#include "core/row_sources.hpp"

#include <type_traits>

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

}  // namespace

template <typename T>
PixelRows<T>::PixelRows(const ImageView<const T>& image, const KernelTable& kernels)
    : image_(image), kernels_(kernels) {
    if (!image.rows_are_packed()) scratch_.resize(size(image.width * image.channels));
}

template <typename T>
std::size_t PixelRows<T>::width() const noexcept {
    return size(image_.width);
}

template <typename T>
std::size_t PixelRows<T>::channels() const noexcept {
    return size(image_.channels);
}

template <typename T>
void PixelRows<T>::read(std::ptrdiff_t y, float* planes, std::size_t stride) {
    const T* row = packed_row(image_, y, scratch_.data());
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.split(row, width(), channels(), planes, stride);
    else
        kernels_.split_float(row, width(), channels(), planes, stride);
}

template class PixelRows<std::uint8_t>;
template class PixelRows<float>;

MatteRows::MatteRows(const MaskView& mask, std::size_t width, std::size_t height,
                     const KernelTable& kernels)
    : mask_(mask), kernels_(kernels), stretched_(2, width, 1), row_(width) {
    std::visit(
        [&](const auto& view) {
            x_ = plan_bilinear(view.width, static_cast<std::ptrdiff_t>(width));
            y_ = plan_bilinear(view.height, static_cast<std::ptrdiff_t>(height));
            // One sample more than the mask has: the last one has no right neighbour.
            mask_row_.resize(size(view.width) + 1);
        },
        mask);
}

const float* MatteRows::stretched(std::ptrdiff_t mask_row) {
    PlaneRow& out = stretched_[mask_row];
    std::ptrdiff_t& held = stretched_index_[mask_row % 2];
    if (held != mask_row) {
        std::visit(
            [&](const auto& view) {
                const auto* samples = view.row(mask_row);
                for (std::ptrdiff_t x = 0; x < view.width; ++x) {
                    const auto v = samples[x * view.pixel_stride];
                    if constexpr (std::is_same_v<std::remove_cv_t<decltype(v)>, float>)
                        mask_row_[size(x)] = v;
                    else
                        mask_row_[size(x)] = static_cast<float>(v) / 255.0f;
                }
                mask_row_[size(view.width)] = mask_row_[size(view.width) - 1];
            },
            mask_);
        kernels_.lerp_columns(mask_row_.data(), x_.index.data(), x_.weight.data(), row_.size(),
                              out.data());
        held = mask_row;
    }
    return out.data();
}

const float* MatteRows::row(std::ptrdiff_t y) {
    const std::ptrdiff_t upper = y_.index[size(y)];
    const float t = y_.weight[size(y)];
    const float* a = stretched(upper);
    if (t == 0.0f) return a;
    const float* b = stretched(upper + 1);
    kernels_.lerp_rows(a, b, t, row_.size(), row_.data());
    return row_.data();
}

BackgroundRows::BackgroundRows(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                               const KernelTable& kernels)
    : pixels_(image, kernels),
      matte_(mask, size(image.width), size(image.height), kernels),
      kernels_(kernels) {}

void BackgroundRows::read(std::ptrdiff_t y, float* planes, std::size_t stride) {
    pixels_.read(y, planes, stride);
    kernels_.premultiply_background(planes, stride, matte_.row(y), width());
}

}  // namespace defocus
