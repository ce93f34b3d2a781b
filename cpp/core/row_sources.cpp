#include "core/row_sources.hpp"

#include <algorithm>
#include <type_traits>

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

// Scratch for the rows of one group, needed only where rows are not packed already.
template <typename T>
std::vector<T> group_scratch(const ImageView<const T>& image) {
    if (image.rows_are_packed()) return {};
    return std::vector<T>(RowSource::largest_group * size(image.width * image.channels));
}

template <typename T>
const T* packed_in_slot(const ImageView<const T>& image, std::ptrdiff_t y, std::vector<T>& scratch,
                        std::size_t slot) {
    if (image.rows_are_packed()) return image.row(y);
    return packed_row(image, y, scratch.data() + slot * size(image.width * image.channels));
}

}  // namespace

template <typename T>
PixelSource<T>::PixelSource(const ImageView<const T>& image, const KernelTable& kernels)
    : image_(image), kernels_(kernels), scratch_(group_scratch(image)) {}

template <typename T>
std::size_t PixelSource<T>::width() const noexcept {
    return size(image_.width);
}

template <typename T>
std::size_t PixelSource<T>::planes() const noexcept {
    return size(image_.channels);
}

template <typename T>
std::size_t PixelSource<T>::samples() const noexcept {
    return width() * planes();
}

template <typename T>
const T* PixelSource<T>::packed(std::ptrdiff_t y, std::size_t slot) {
    return packed_in_slot(image_, y, scratch_, slot);
}

template <typename T>
void PixelSource<T>::read(std::ptrdiff_t y, float* flat) {
    const T* row = packed(y, 0);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.split_bytes(row, samples(), 1, flat, samples());
    else
        std::copy_n(row, samples(), flat);
}

template <typename T>
void PixelSource<T>::reduce(const std::ptrdiff_t* ys, std::size_t count, const float* factors,
                            float* const* windows) {
    const T* rows[largest_group] = {};
    for (std::size_t j = 0; j < count; ++j) rows[j] = packed(ys[j], j);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.reduce_bytes(rows, count, samples(), factors, windows);
    else
        kernels_.reduce_floats(rows, count, samples(), factors, windows);
}

template <typename T>
void PixelSource<T>::split(const float* flat, float* planes, std::size_t stride) const {
    kernels_.split_floats(flat, width(), size(image_.channels), planes, stride);
}

template class PixelSource<std::uint8_t>;
template class PixelSource<float>;

BackgroundSource::BackgroundSource(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                                   bool linear, const KernelTable& kernels)
    : image_(image),
      linear_(linear),
      kernels_(kernels),
      alpha_(mask, size(image.width), size(image.height), kernels),
      scratch_(group_scratch(image)),
      alphas_(size(image.width), largest_group) {}

std::size_t BackgroundSource::width() const noexcept {
    return size(image_.width);
}

const std::uint8_t* BackgroundSource::packed(std::ptrdiff_t y, std::size_t slot) {
    return packed_in_slot(image_, y, scratch_, slot);
}

void BackgroundSource::read(std::ptrdiff_t y, float* flat) {
    std::int16_t* alpha = alphas_.data();
    alpha_.read(y, alpha);
    kernels_.premultiply_background(packed(y, 0), alpha, width(), flat, linear_);
    kernels_.background_weights(alpha, width(), flat + 3 * width());
}

void BackgroundSource::reduce(const std::ptrdiff_t* ys, std::size_t count, const float* factors,
                              float* const* windows) {
    const std::uint8_t* rows[largest_group] = {};
    const std::int16_t* alphas[largest_group] = {};
    for (std::size_t j = 0; j < count; ++j) {
        rows[j] = packed(ys[j], j);
        alpha_.read(ys[j], alphas_.plane(j));
        alphas[j] = alphas_.plane(j);
    }
    kernels_.reduce_background(rows, alphas, count, width(), factors, windows, linear_);
    const std::size_t n = 3 * width();
    float* weights[3] = {windows[0] + n, windows[1] + n, windows[2] + n};
    kernels_.reduce_weights(alphas, count, width(), factors, weights);
}

void BackgroundSource::split(const float* flat, float* planes, std::size_t stride) const {
    kernels_.split_floats(flat, width(), 3, planes, stride);
    std::copy_n(flat + 3 * width(), width(), planes + 3 * stride);
}

}  // namespace defocus
