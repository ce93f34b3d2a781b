#include "core/portrait/highlights.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/base/byte_rows.hpp"
#include "core/base/samples.hpp"
#include "core/matte/matte_rows.hpp"

namespace defocus {
namespace {

constexpr int clipped_from = 250, bright_from = 149, bright_range = 218 - bright_from;
constexpr double share_from = 0.02, share_to = 0.05;
constexpr double radii_around = 2.0, samples_per_radius = 6.0;
constexpr std::ptrdiff_t least_side = 3;  // keeps small radii cheap
// Blocks of so many pixels are skipped if none is bright.
constexpr std::ptrdiff_t block = 64;

int value8_of(std::uint8_t byte) noexcept {
    return byte;
}
int value8_of(std::uint16_t sample) noexcept {
    return (sample + 128) / 257;
}

template <typename T>
int darkest(const T* pixel, std::ptrdiff_t channel_stride = 1) noexcept {
    return value8_of(std::min({pixel[0], pixel[channel_stride], pixel[2 * channel_stride]}));
}

std::uint8_t brightest(const std::uint8_t* samples, std::size_t n) noexcept {
    std::uint8_t most = 0;
    for (std::size_t i = 0; i < n; ++i) most = std::max(most, samples[i]);
    return most;
}

// A summed-area table of cells.  Sums are unsigned and modulo 2^32; a result below 2^32 is exact.
class Sums {
  public:
    Sums(std::ptrdiff_t width, std::ptrdiff_t height)
        : width_(width), height_(height), sums_(size((width + 1) * (height + 1))) {}
    std::uint32_t* row(std::ptrdiff_t y) noexcept {
        return sums_.data() + (y + 1) * (width_ + 1) + 1;
    }
    const std::uint32_t* row(std::ptrdiff_t y) const noexcept {
        return sums_.data() + (y + 1) * (width_ + 1) + 1;
    }
    void accumulate() noexcept {
        for (std::ptrdiff_t y = 0; y < height_; ++y) {
            std::uint32_t* at = row(y);
            const std::uint32_t* above = row(y - 1);
            for (std::ptrdiff_t x = 0; x < width_; ++x) at[x] += at[x - 1];
            for (std::ptrdiff_t x = 0; x < width_; ++x) at[x] += above[x];
        }
    }
    // The sum of the cells within `reach` of (x, y).
    std::uint32_t around(std::ptrdiff_t x, std::ptrdiff_t y, std::ptrdiff_t reach) const noexcept {
        const std::ptrdiff_t left = std::max(x - reach, std::ptrdiff_t{0}) - 1;
        const std::ptrdiff_t right = std::min(x + reach, width_ - 1);
        const std::uint32_t* top = row(std::max(y - reach, std::ptrdiff_t{0}) - 1);
        const std::uint32_t* bottom = row(std::min(y + reach, height_ - 1));
        return bottom[right] - bottom[left] - top[right] + top[left];
    }

  private:
    std::ptrdiff_t width_, height_;
    std::vector<std::uint32_t> sums_;
};

// The matte within 0..1; what is not a number is background.
float within(float alpha) noexcept {
    return alpha > 0.0f ? std::min(alpha, 1.0f) : 0.0f;
}

// Decides whether a highlight would stand alone.  It works on cells of `side` pixels and reads one
// pixel of each.
class Gate {
  public:
    template <typename T>
    Gate(const ImageView<const T>& image, const MaskView& mask, double radius,
         const Threads& threads, const KernelTable& kernels)
        : side_(std::max(least_side, static_cast<std::ptrdiff_t>(radius / samples_per_radius))),
          reach_(std::lround(radii_around * radius / static_cast<double>(side_))),
          bright_(cells(image.width), cells(image.height)),
          background_(cells(image.width), cells(image.height)) {
        const std::ptrdiff_t width = cells(image.width), height = cells(image.height);
        for_row_bands(
            height, size(4 * width), threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                MatteRows matte(mask, size(image.width), size(image.height), kernels);
                std::vector<float> alpha(size(image.width));
                for (std::ptrdiff_t y = first; y < last; ++y) {
                    const std::ptrdiff_t at = sampled(y, 0, image.height);
                    matte.read(at, alpha.data());
                    for (std::ptrdiff_t x = 0; x < width; ++x) {
                        const std::ptrdiff_t column = sampled(x, y + 1, image.width);
                        const float a = within(alpha[size(column)]);
                        const auto share = static_cast<std::uint32_t>(255.5f - 255.0f * a);
                        const int value = darkest(image.row(at) + column * image.pixel_stride,
                                                  image.channel_stride);
                        const int level = std::clamp(value - bright_from, 0, bright_range);
                        background_.row(y)[x] = share * bright_range;
                        bright_.row(y)[x] = share * static_cast<std::uint32_t>(level);
                    }
                }
            });
        bright_.accumulate();
        background_.accumulate();
    }

    // The gain at pixel (x, y), 0..1.
    double at(std::ptrdiff_t x, std::ptrdiff_t y) const noexcept {
        const std::uint32_t all = background_.around(x / side_, y / side_, reach_);
        const double bright = bright_.around(x / side_, y / side_, reach_);
        const double share = bright / std::max(all, std::uint32_t{1});
        const double t = std::clamp((share - share_from) / (share_to - share_from), 0.0, 1.0);
        return 1.0 - t * t * (3.0 - 2.0 * t);
    }
    // The first pixel of the next cell to the right.
    std::ptrdiff_t next(std::ptrdiff_t x) const noexcept { return (x / side_ + 1) * side_; }

  private:
    std::ptrdiff_t cells(std::ptrdiff_t n) const noexcept { return (n + side_ - 1) / side_; }
    // Which pixel of a cell is read: a hash spreads them, so that no regular pattern is met always
    // or never.
    std::ptrdiff_t sampled(std::ptrdiff_t cell, std::ptrdiff_t line,
                           std::ptrdiff_t n) const noexcept {
        const std::uint32_t mixed = static_cast<std::uint32_t>(cell) * 2654435761u +
                                    static_cast<std::uint32_t>(line) * 2246822519u;
        const auto offset = static_cast<std::ptrdiff_t>(mixed >> 16) % side_;
        return std::min(cell * side_ + offset, n - 1);
    }

    std::ptrdiff_t side_, reach_;
    Sums bright_, background_;
};

}  // namespace

template <typename T>
Highlights find_highlights(const ImageView<const T>& image, const MaskView& mask, double radius,
                           double gain, const Threads& threads, const KernelTable& kernels) {
    radius = std::min(radius, static_cast<double>(std::max(image.width, image.height)));
    const Gate gate(image, mask, radius, threads, kernels);
    const std::size_t width = size(image.width);
    Highlights found;
    found.rows.resize(size(image.height));
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        MatteRows matte(mask, width, size(image.height), kernels);
        std::vector<float> alpha(width);
        ByteRows<T> bytes(image, 1, kernels);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::uint8_t* pixels = bytes.row(y, 0);
            std::vector<Highlights::Pixel>& row = found.rows[size(y)];
            std::ptrdiff_t gate_holds_until = 0;
            double gate_here = 0.0;
            for (std::ptrdiff_t x = 0, end; x < image.width; x = end) {
                end = std::min(x + block, image.width);
                if (brightest(pixels + 3 * x, size(3 * (end - x))) <= clipped_from) continue;
                for (; x < end; ++x) {
                    const int value = darkest(pixels + 3 * x);
                    if (value <= clipped_from) continue;
                    if (x >= gate_holds_until) {
                        gate_here = gate.at(x, y);
                        gate_holds_until = gate.next(x);
                    }
                    const double t = (value - clipped_from) / (255.0 - clipped_from);
                    if (gate_here > 0.0)
                        row.push_back({static_cast<std::int32_t>(x),
                                       static_cast<float>(gain * gate_here * t * t)});
                }
            }
            if (row.empty()) continue;
            matte.read(y, alpha.data());
            for (Highlights::Pixel& pixel : row) pixel.light *= 1.0f - within(alpha[size(pixel.x)]);
        }
    });
    return found;
}

template Highlights find_highlights(const ImageView<const std::uint8_t>&, const MaskView&, double,
                                    double, const Threads&, const KernelTable&);
template Highlights find_highlights(const ImageView<const std::uint16_t>&, const MaskView&, double,
                                    double, const Threads&, const KernelTable&);

}  // namespace defocus
