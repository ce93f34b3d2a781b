#include "core/row_sources.hpp"

#include <algorithm>
#include <type_traits>

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

constexpr std::size_t group = 4;  // rows that one coarser row is made of

}  // namespace

template <typename T, typename Sample>
PixelSource<T, Sample>::PixelSource(const ImageView<const T>& image, const KernelTable& kernels)
    : image_(image), kernels_(kernels), scratch_(image.rows_are_packed() ? 0 : group * samples()) {}

template <typename T, typename Sample>
std::size_t PixelSource<T, Sample>::samples() const noexcept {
    return size(image_.width * image_.channels);
}

template <typename T, typename Sample>
const T* PixelSource<T, Sample>::packed(std::ptrdiff_t y, std::size_t slot) {
    return packed_row(image_, y, scratch_.data() + (scratch_.empty() ? 0 : slot * samples()));
}

template <typename T, typename Sample>
void PixelSource<T, Sample>::read(std::ptrdiff_t y, Sample* flat) {
    const T* row = packed(y, 0);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.centre_bytes(row, samples(), flat);
    else
        std::copy_n(row, samples(), flat);
}

template <typename T, typename Sample>
void PixelSource<T, Sample>::halve(const std::ptrdiff_t* ys, Sample* flat) {
    const T* rows[group];
    for (std::size_t k = 0; k < group; ++k) rows[k] = packed(ys[k], k);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.halve_bytes(rows, samples(), flat);
    else
        kernels_.halve_rows_floats(rows, samples(), flat);
}

template class PixelSource<std::uint8_t, std::int16_t>;
template class PixelSource<float, float>;

BackgroundSource::BackgroundSource(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                                   bool linear, const KernelTable& kernels)
    : image_(image),
      linear_(linear),
      kernels_(kernels),
      matte_(mask, size(image.width), size(image.height), kernels),
      packed_(image.rows_are_packed() ? 0 : size(3 * image.width)),
      held_(group, samples(), 1) {}

std::size_t BackgroundSource::samples() const noexcept {
    return size(4 * image_.width);
}

void BackgroundSource::read(std::ptrdiff_t y, std::int16_t* flat) {
    const std::uint8_t* row = packed_row(image_, y, packed_.data());
    const std::size_t width = size(image_.width);
    std::int16_t* weights = flat + 3 * width;
    for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
        const std::size_t count = std::min(AlphaRows::tile, width - x);
        kernels_.background(row + 3 * x, matte_.read(y, x, count), count, linear_, flat + 3 * x,
                            weights + x);
    }
}

void BackgroundSource::halve(const std::ptrdiff_t* ys, std::int16_t* flat) {
    const std::int16_t* rows[group];
    for (std::size_t k = 0; k < group; ++k) {
        const std::ptrdiff_t y = ys[k];
        std::int16_t* row = held_[y].data();
        if (held_index_[y % 4] != y) read(y, row);
        held_index_[y % 4] = y;
        rows[k] = row;
    }
    kernels_.halve_rows(rows, samples(), flat);
}

}  // namespace defocus
