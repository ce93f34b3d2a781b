#include "core/portrait/background_source.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {

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
      held_(halved_rows, samples(), 1),
      held_index_(halved_rows * (size(image.width) / AlphaRows::tile + 1), -1) {}

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
    const bool alike = std::all_of(ys + 1, ys + halved_rows, [&](std::ptrdiff_t y) {
        return matte_->kind(y, x, count) == kind;
    });
    if (alike && kind == AlphaRows::Kind::whole) {
        std::fill_n(flat + 3 * x, 3 * count, std::int16_t{-q7_centre});
        std::fill_n(weights, count, std::int16_t{-q7_centre});
        return;
    }
    if (alike && kind == AlphaRows::Kind::none && !linear_ && packed_.empty()) {
        const std::uint8_t* rows[halved_rows];
        for (std::size_t k = 0; k < halved_rows; ++k) rows[k] = image_.row(ys[k]) + 3 * x;
        kernels_.halve_bytes(rows, 3 * count, flat + 3 * x);
        std::fill_n(weights, count, std::int16_t{q7_centre});
        return;
    }
    const std::int16_t *colours[halved_rows], *shares[halved_rows];
    const std::size_t tiles = held_index_.size() / halved_rows;
    for (std::size_t k = 0; k < halved_rows; ++k) {
        const std::ptrdiff_t y = ys[k];
        std::int16_t* row = held_[y].data();
        std::ptrdiff_t& index = held_index_[size(y) % halved_rows * tiles + x / AlphaRows::tile];
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

WordSource::WordSource(const ImageView<const std::uint16_t>& image,
                       const Matte<std::uint16_t>& matte, bool linear, const KernelTable& kernels)
    : image_(image),
      linear_(linear),
      kernels_(kernels),
      matte_(matte.reader()),
      unmixer_(matte.unmixer()),
      foreground_(unmixer_ ? 3 * AlphaRows::tile : 0),
      background_(foreground_.size()),
      packed_(image.rows_are_packed() ? 0 : size(3 * image.width)),
      held_(halved_rows, samples(), 1),
      held_index_(halved_rows, -1) {}

std::size_t WordSource::samples() const noexcept {
    return size(4 * image_.width);
}

void WordSource::read(std::ptrdiff_t y, float* flat) {
    const std::size_t width = size(image_.width);
    const std::uint16_t* row = packed_row(image_, y, packed_.data());
    for (std::size_t x = 0; x < width; x += AlphaRows::tile) {
        const std::size_t count = std::min(AlphaRows::tile, width - x);
        const std::uint16_t* pixels = row + 3 * x;
        const std::int16_t* alpha = matte_->read(y, x, count);
        if (unmixer_ && matte_->kind(y, x, count) == AlphaReader::Kind::mixed) {
            unmixer_->read(y, x, count, pixels, alpha, foreground_.data(), background_.data());
            pixels = background_.data();
        }
        kernels_.background_words(pixels, alpha, count, linear_, flat + 3 * x,
                                  flat + 3 * width + x);
    }
}

void WordSource::halve(const std::ptrdiff_t* ys, float* flat) {
    const float* rows[halved_rows];
    for (std::size_t k = 0; k < halved_rows; ++k) {
        float* row = held_[ys[k]].data();
        std::ptrdiff_t& index = held_index_[size(ys[k]) % halved_rows];
        if (index != ys[k]) read(ys[k], row);
        index = ys[k];
        rows[k] = row;
    }
    kernels_.halve_rows_floats(rows, samples(), flat);
}

}  // namespace defocus
