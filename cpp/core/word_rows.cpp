#include "core/word_rows.hpp"

#include <algorithm>

#include "core/phase_taps.hpp"

namespace defocus {
namespace {

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

constexpr std::size_t group = 4;  // rows that one coarser row is made of

}  // namespace

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
      held_(group, samples(), 1),
      held_index_(group, -1) {}

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
    const float* rows[group];
    for (std::size_t k = 0; k < group; ++k) {
        float* row = held_[ys[k]].data();
        std::ptrdiff_t& index = held_index_[size(ys[k]) % group];
        if (index != ys[k]) read(ys[k], row);
        index = ys[k];
        rows[k] = row;
    }
    kernels_.halve_rows_floats(rows, samples(), flat);
}

WordRows::WordRows(const ImageView<const std::uint16_t>& image, const Matte<std::uint16_t>& matte,
                   bool linear, const AxisPlan& x, const AxisPlan& y, std::ptrdiff_t first,
                   std::ptrdiff_t last, const KernelTable& kernels)
    : x_(x),
      y_(y),
      kernels_(kernels),
      source_(image, matte, linear, kernels),
      planes_(source_, linear, x, y, first, last, kernels),
      scratch_(size(x.length + x.stride)),
      ring_(y.multirate() ? group : 1, size(x.length), 3),
      taps_(phase_taps<float>(y)),
      next_(y.support_first(first)) {}

void WordRows::produce() {
    const auto row = planes_.next();
    Planes<float>& wide = ring_[next_++];
    const std::size_t lead = x_.multirate() ? size(x_.stride / 2) : 0;
    const std::size_t width = size(x_.length);
    for (std::size_t p = 0; p < 3; ++p) {
        const float* from = row.codes + p * row.stride;
        if (x_.multirate()) {
            kernels_.expand(from, x_.spline.data(), size(x_.stride), lead + width, scratch_.data());
            from = scratch_.data() + lead;
        }
        std::copy_n(from, width, wide.plane(p));
    }
}

WordRows::Span WordRows::rows(std::ptrdiff_t y) {
    const std::ptrdiff_t first = y_.support_first(y), last = y_.support_last(y);
    while (next_ <= last) produce();
    Span span;
    for (std::ptrdiff_t k = 0; k < 4; ++k) span.rows[k] = ring_[std::min(first + k, last)].data();
    span.stride = ring_[last].stride();
    span.taps = taps_.data() + phase_at(y_, y);
    return span;
}

}  // namespace defocus
