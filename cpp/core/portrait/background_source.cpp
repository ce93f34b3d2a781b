#include "core/portrait/background_source.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// A share of 0, and a share of 1.
template <typename Sample>
constexpr Sample none = std::is_same_v<Sample, float> ? Sample{0} : Sample{-q7_centre};
template <typename Sample>
constexpr Sample whole = std::is_same_v<Sample, float> ? Sample{q7_white} : Sample{q7_centre};

}  // namespace

template <typename T>
BackgroundSource<T>::BackgroundSource(const ImageView<const T>& image, MatteTiles<T>& tiles,
                                      bool linear, const KernelTable& kernels)
    : image_(image),
      linear_(linear),
      kernels_(kernels),
      tiles_(tiles),
      held_(halved_rows, samples(), 1),
      held_index_(halved_rows * (size(image.width) / AlphaReader::tile + 1), -1) {}

template <typename T>
std::size_t BackgroundSource<T>::samples() const noexcept {
    return size(4 * image_.width);
}

template <typename T>
void BackgroundSource<T>::read_tile(std::ptrdiff_t y, std::size_t x, std::size_t count,
                                    Sample* flat) {
    const auto run = tiles_.background(y, x, count);
    Sample* const weights = flat + 3 * image_.width + x;
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.background(run.pixels, run.alpha, count, linear_, flat + 3 * x, weights);
    else
        kernels_.background_16(run.pixels, run.alpha, count, linear_, flat + 3 * x, weights);
}

template <typename T>
void BackgroundSource<T>::read(std::ptrdiff_t y, Sample* flat) {
    const std::size_t width = size(image_.width);
    for (std::size_t x = 0; x < width; x += AlphaReader::tile)
        read_tile(y, x, std::min(AlphaReader::tile, width - x), flat);
}

// The short way for a tile that is all subject, or all background, in each of the four rows.
template <typename T>
bool BackgroundSource<T>::fill_uniform(const std::ptrdiff_t* ys, std::size_t x, std::size_t count,
                                       Sample* flat) {
    using Kind = AlphaReader::Kind;
    Sample* const weights = flat + 3 * image_.width + x;
    const Kind kind = tiles_.kind(ys[0], x, count);
    const auto alike = [&](std::ptrdiff_t y) { return tiles_.kind(y, x, count) == kind; };
    if (kind == Kind::mixed || !std::all_of(ys + 1, ys + halved_rows, alike)) return false;
    if (kind == Kind::whole) {
        std::fill_n(flat + 3 * x, 3 * count, none<Sample>);
        std::fill_n(weights, count, none<Sample>);
        return true;
    }
    if constexpr (std::is_same_v<T, std::uint8_t>)
        if (!linear_ && image_.rows_are_packed()) {
            const T* rows[halved_rows];
            for (std::size_t k = 0; k < halved_rows; ++k) rows[k] = image_.row(ys[k]) + 3 * x;
            kernels_.halve_bytes(rows, 3 * count, flat + 3 * x);
            std::fill_n(weights, count, whole<Sample>);
            return true;
        }
    return false;
}

template <typename T>
void BackgroundSource<T>::halve_tile(const std::ptrdiff_t* ys, std::size_t x, std::size_t count,
                                     Sample* flat) {
    if (fill_uniform(ys, x, count, flat)) return;
    const Sample *colours[halved_rows], *weights[halved_rows];
    const std::size_t tiles = held_index_.size() / halved_rows;
    for (std::size_t k = 0; k < halved_rows; ++k) {
        const std::ptrdiff_t y = ys[k];
        Sample* row = held_[y].data();
        std::ptrdiff_t& index = held_index_[size(y) % halved_rows * tiles + x / AlphaReader::tile];
        if (index != y) read_tile(y, x, count, row);
        index = y;
        colours[k] = row + 3 * x;
        weights[k] = row + 3 * image_.width + x;
    }
    const auto halve_rows = [&] {
        if constexpr (std::is_same_v<Sample, float>)
            return kernels_.halve_rows_floats;
        else
            return kernels_.halve_rows;
    }();
    halve_rows(colours, 3 * count, flat + 3 * x);
    halve_rows(weights, count, flat + 3 * image_.width + x);
}

template <typename T>
void BackgroundSource<T>::halve(const std::ptrdiff_t* ys, Sample* flat) {
    const std::size_t width = size(image_.width);
    for (std::size_t x = 0; x < width; x += AlphaReader::tile)
        halve_tile(ys, x, std::min(AlphaReader::tile, width - x), flat);
}

template class BackgroundSource<std::uint8_t>;
template class BackgroundSource<std::uint16_t>;

}  // namespace defocus
