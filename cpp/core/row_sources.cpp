#include "core/row_sources.hpp"

#include <algorithm>
#include <type_traits>

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

constexpr std::size_t group = 4;  // rows that one coarser row is made of
// All and nothing, in centred Q7, are this and its negative.
constexpr std::int16_t q7_one_half = 16320;

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

BackgroundSource::BackgroundSource(const ImageView<const std::uint8_t>& image,
                                   const Matte<std::uint8_t>& matte, bool linear,
                                   const KernelTable& kernels)
    : image_(image),
      linear_(linear),
      kernels_(kernels),
      matte_(matte.reader()),
      unmixer_(matte.unmixer()),
      foreground_(unmixer_ ? 3 * AlphaRows::tile : 0),
      background_(foreground_.size()),
      packed_(image.rows_are_packed() ? 0 : size(3 * image.width)),
      held_(group, samples(), 1),
      held_index_(group * (size(image.width) / AlphaRows::tile + 1), -1) {}

std::size_t BackgroundSource::samples() const noexcept {
    return size(4 * image_.width);
}

void BackgroundSource::read_tile(std::ptrdiff_t y, std::size_t x, std::size_t count,
                                 std::int16_t* flat) {
    const std::uint8_t* pixels = packed_row(image_, y, packed_.data()) + 3 * x;
    const std::int16_t* alpha = matte_->read(y, x, count);
    if (unmixer_ && matte_->kind(y, x, count) == AlphaReader::Kind::mixed) {
        unmixer_->read(y, x, count, pixels, alpha, foreground_.data(), background_.data());
        pixels = background_.data();
    }
    kernels_.background(pixels, alpha, count, linear_, flat + 3 * x, flat + 3 * image_.width + x);
}

void BackgroundSource::read(std::ptrdiff_t y, std::int16_t* flat) {
    const std::size_t width = size(image_.width);
    for (std::size_t x = 0; x < width; x += AlphaRows::tile)
        read_tile(y, x, std::min(AlphaRows::tile, width - x), flat);
}

void BackgroundSource::halve_tile(const std::ptrdiff_t* ys, std::size_t x, std::size_t count,
                                  std::int16_t* flat) {
    std::int16_t* weights = flat + 3 * image_.width + x;
    const AlphaRows::Kind kind = matte_->kind(ys[0], x, count);
    const bool alike = std::all_of(
        ys + 1, ys + group, [&](std::ptrdiff_t y) { return matte_->kind(y, x, count) == kind; });
    if (alike && kind == AlphaRows::Kind::whole) {
        std::fill_n(flat + 3 * x, 3 * count, static_cast<std::int16_t>(-q7_one_half));
        std::fill_n(weights, count, static_cast<std::int16_t>(-q7_one_half));
        return;
    }
    if (alike && kind == AlphaRows::Kind::none && !linear_ && packed_.empty()) {
        const std::uint8_t* rows[group];
        for (std::size_t k = 0; k < group; ++k) rows[k] = image_.row(ys[k]) + 3 * x;
        kernels_.halve_bytes(rows, 3 * count, flat + 3 * x);
        std::fill_n(weights, count, static_cast<std::int16_t>(q7_one_half));
        return;
    }
    const std::int16_t *colours[group], *shares[group];
    const std::size_t tiles = held_index_.size() / group;
    for (std::size_t k = 0; k < group; ++k) {
        const std::ptrdiff_t y = ys[k];
        std::int16_t* row = held_[y].data();
        std::ptrdiff_t& index = held_index_[size(y) % group * tiles + x / AlphaRows::tile];
        if (index != y) read_tile(y, x, count, row);
        index = y;
        colours[k] = row + 3 * x;
        shares[k] = row + 3 * image_.width + x;
    }
    kernels_.halve_rows(colours, 3 * count, flat + 3 * x);
    kernels_.halve_rows(shares, count, weights);
}

void BackgroundSource::halve(const std::ptrdiff_t* ys, std::int16_t* flat) {
    const std::size_t width = size(image_.width);
    for (std::size_t x = 0; x < width; x += AlphaRows::tile)
        halve_tile(ys, x, std::min(AlphaRows::tile, width - x), flat);
}

}  // namespace defocus
