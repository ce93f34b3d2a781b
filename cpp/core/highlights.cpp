#include "core/highlights.hpp"

#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"

namespace defocus {
namespace {

constexpr int clipped_from = 250, bright_from = 149, bright_to = 218;
constexpr double share_from = 0.02, share_to = 0.05;
constexpr double radii_around = 2.0, samples_per_radius = 6.0;
// Pixels that are passed over together where none is bright.
constexpr std::ptrdiff_t block = 64;

std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

int darkest(const std::uint8_t* pixel, std::ptrdiff_t channel_stride = 1) noexcept {
    return std::min({pixel[0], pixel[channel_stride], pixel[2 * channel_stride]});
}

std::uint8_t brightest(const std::uint8_t* samples, std::size_t n) noexcept {
    std::uint8_t most = 0;
    for (std::size_t i = 0; i < n; ++i) most = std::max(most, samples[i]);
    return most;
}

// A number for each cell of the picture, and sums of them over rectangles.
class Sums {
  public:
    Sums(std::ptrdiff_t width, std::ptrdiff_t height)
        : width_(width), height_(height), sums_(size((width + 1) * (height + 1))) {}
    std::int64_t& at(std::ptrdiff_t x, std::ptrdiff_t y) noexcept {
        return sums_[size((y + 1) * (width_ + 1) + x + 1)];
    }
    void accumulate() noexcept {
        for (std::ptrdiff_t y = 0; y < height_; ++y)
            for (std::ptrdiff_t x = 0; x < width_; ++x)
                at(x, y) += at(x - 1, y) + at(x, y - 1) - at(x - 1, y - 1);
    }
    // Cells within `reach` of (x, y).
    std::int64_t around(std::ptrdiff_t x, std::ptrdiff_t y, std::ptrdiff_t reach) noexcept {
        const std::ptrdiff_t left = std::max(x - reach, std::ptrdiff_t{0}) - 1;
        const std::ptrdiff_t top = std::max(y - reach, std::ptrdiff_t{0}) - 1;
        const std::ptrdiff_t right = std::min(x + reach, width_ - 1);
        const std::ptrdiff_t bottom = std::min(y + reach, height_ - 1);
        return at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
    }

  private:
    std::ptrdiff_t width_, height_;
    std::vector<std::int64_t> sums_;
};

// The gain for each cell of `side` pixels: the gate of the pixels in it.
struct Gains {
    std::ptrdiff_t side, width, height;
    std::vector<float> gains;
    const float* row(std::ptrdiff_t y) const noexcept {
        return gains.data() + (y / side) * width;
    }
};

Gains gate(const ImageView<const std::uint8_t>& image, const MaskView& mask, double radius,
           double gain, int threads, const KernelTable& kernels) {
    const auto side = std::max<std::ptrdiff_t>(
        1, static_cast<std::ptrdiff_t>(std::min(radius / samples_per_radius, 1e6)));
    const std::ptrdiff_t width = (image.width + side - 1) / side;
    const std::ptrdiff_t height = (image.height + side - 1) / side;
    // One pixel of each cell is looked at.
    Sums bright(width, height), background(width, height);
    for_row_bands(height, size(width), threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        MatteRows matte(mask, size(image.width), size(image.height), kernels);
        std::vector<float> alpha(size(image.width));
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::ptrdiff_t at = std::min(y * side + side / 2, image.height - 1);
            matte.read(at, alpha.data());
            for (std::ptrdiff_t x = 0; x < width; ++x) {
                const std::ptrdiff_t column = std::min(x * side + side / 2, image.width - 1);
                const auto share = static_cast<int>(std::lround(255 * (1 - alpha[size(column)])));
                const int code =
                    darkest(image.row(at) + column * image.pixel_stride, image.channel_stride);
                const int level = std::clamp(code - bright_from, 0, bright_to - bright_from);
                background.at(x, y) = share * (bright_to - bright_from);
                bright.at(x, y) = share * level;
            }
        }
    });
    bright.accumulate();
    background.accumulate();

    const auto reach = std::max<std::ptrdiff_t>(
        1, std::lround(std::min(radii_around * radius / static_cast<double>(side), 1e6)));
    Gains out{side, width, height, std::vector<float>(size(width * height))};
    for (std::ptrdiff_t y = 0; y < height; ++y)
        for (std::ptrdiff_t x = 0; x < width; ++x) {
            const auto all = static_cast<double>(background.around(x, y, reach));
            const double share = static_cast<double>(bright.around(x, y, reach)) / std::max(all, 1.0);
            const double t = std::clamp((share - share_from) / (share_to - share_from), 0.0, 1.0);
            out.gains[size(y * width + x)] =
                static_cast<float>(gain * (1.0 - t * t * (3.0 - 2.0 * t)));
        }
    return out;
}

// Weights of the prefilter for the 3 D - 2 samples from (m - 1) D + 1 on that make grid sample m.
std::vector<float> prefilter(std::ptrdiff_t stride) {
    std::vector<double> taps{1.0};
    for (std::ptrdiff_t d = 1; d < stride; d *= 2) {
        std::vector<double> longer(taps.size() + size(3 * d));
        const double binomial[4] = {0.125, 0.375, 0.375, 0.125};
        for (std::size_t k = 0; k < 4; ++k)
            for (std::size_t i = 0; i < taps.size(); ++i)
                longer[i + k * size(d)] += binomial[k] * taps[i];
        taps = longer;
    }
    return {taps.begin(), taps.end()};
}

}  // namespace

Highlights find_highlights(const ImageView<const std::uint8_t>& image, const MaskView& mask,
                           double radius, double gain, int threads, const KernelTable& kernels) {
    const Gains gains = gate(image, mask, radius, gain, threads, kernels);
    const std::size_t width = size(image.width);
    Highlights found;
    found.rows.resize(size(image.height));
    for_row_bands(image.height, width, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        AlphaRows matte(mask, width, size(image.height), kernels);
        std::vector<std::int16_t> alpha(width);
        std::vector<std::uint8_t> scratch(3 * width);
        for (std::ptrdiff_t y = first; y < last; ++y) {
            const std::uint8_t* pixels = packed_row(image, y, scratch.data());
            const float* gain_at = gains.row(y);
            bool matte_is_read = false;
            const auto look = [&](std::ptrdiff_t x) {
                const int code = darkest(pixels + 3 * x);
                if (code <= clipped_from) return;
                if (!matte_is_read) matte.read(y, alpha.data());
                matte_is_read = true;
                const float t = static_cast<float>(code - clipped_from) /
                                static_cast<float>(255 - clipped_from);
                const float share = 1.0f - static_cast<float>(alpha[size(x)]) / 16384.0f;
                const float light = gain_at[x / gains.side] * t * t * share;
                if (light > 0.0f)
                    found.rows[size(y)].push_back({static_cast<std::int32_t>(x), light});
            };
            for (std::ptrdiff_t x = 0, end; x < image.width; x = end) {
                end = std::min(x + block, image.width);
                const std::uint8_t most = brightest(pixels + 3 * x, size(3 * (end - x)));
                if (most > clipped_from)
                    for (; x < end; ++x)
                        if (gain_at[x / gains.side] > 0.0f) look(x);
            }
        }
    });
    return found;
}

HighlightRows::HighlightRows(const Highlights& highlights, const AxisPlan& x, const AxisPlan& y)
    : highlights_(highlights), x_(x), y_(y), prefilter_(prefilter(x.stride)) {}

void HighlightRows::add(std::ptrdiff_t m, Planes<float>& row, std::size_t planes,
                        float white) const {
    const std::ptrdiff_t d = x_.stride;
    const auto reach = static_cast<std::ptrdiff_t>(prefilter_.size());
    const std::ptrdiff_t top = (m - 1) * d + 1;
    const std::ptrdiff_t first_cell = x_.grid_first_before_fir(0);
    for (std::ptrdiff_t y = std::max(top, std::ptrdiff_t{0});
         y < std::min(top + reach, y_.length); ++y)
        for (const Highlights::Pixel& pixel : highlights_.rows[size(y)]) {
            const float light = white * prefilter_[size(y - top)] * pixel.light;
            // The cells whose prefilter reaches the pixel.
            const std::ptrdiff_t last = (pixel.x - 1 + d) / d;
            for (std::ptrdiff_t cell = last; (cell - 1) * d + 1 + reach > pixel.x; --cell) {
                const float share = prefilter_[size(pixel.x - ((cell - 1) * d + 1))];
                for (std::size_t p = 0; p < planes; ++p)
                    row.plane(p)[cell - first_cell] += light * share;
            }
        }
}

}  // namespace defocus
