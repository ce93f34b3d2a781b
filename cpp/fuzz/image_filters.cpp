// Blur, resizing, blending, turning, shrinking and the filters of PNG, against their
// definitions.
#include "core/ops/image_ops.hpp"
#include "core/ops/png_rows.hpp"
#include "core/ops/shrink_planes.hpp"
#include "core/ops/turn.hpp"
#include "fuzz/cases.hpp"
#include "fuzz/picture.hpp"
#include "fuzz/twins.hpp"

namespace defocus::fuzz {
namespace {

using Matrix = std::vector<std::vector<double>>;

// Row i has what each sample weighs in output sample i of a Gaussian with reflected borders.
Matrix gaussian_weights(double sigma, std::ptrdiff_t n) {
    Matrix rows(size(n), std::vector<double>(size(n), 0.0));
    const auto radius = static_cast<std::ptrdiff_t>(std::ceil(6.0 * sigma));
    const std::ptrdiff_t period = std::max<std::ptrdiff_t>(2 * (n - 1), 1);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
            const double share = static_cast<double>(k) / sigma;
            const double weight = std::exp(-0.5 * share * share);
            const std::ptrdiff_t at = ((i + k) % period + period) % period;
            rows[size(i)][size(std::min(at, period - at) % std::max<std::ptrdiff_t>(n, 1))] +=
                weight;
            sum += weight;
        }
        for (double& weight : rows[size(i)]) weight /= sum;
    }
    return rows;
}

// Row i has the weights of the two samples between which output sample i lies.
Matrix bilinear_weights(std::ptrdiff_t source, std::ptrdiff_t target) {
    Matrix rows(size(target), std::vector<double>(size(source), 0.0));
    for (std::ptrdiff_t i = 0; i < target; ++i) {
        const double scale = static_cast<double>(source) / static_cast<double>(target);
        const double at = clamped((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0,
                                  static_cast<double>(source - 1));
        const auto left = static_cast<std::size_t>(at);
        const double share = at - static_cast<double>(left);
        rows[size(i)][left] += 1.0 - share;
        rows[size(i)][std::min(left + 1, size(source - 1))] += share;
    }
    return rows;
}

// A triangle as wide as the scale, at least one sample, around the centre of each output sample.
Matrix triangle_weights(std::ptrdiff_t source, std::ptrdiff_t target) {
    Matrix rows(size(target), std::vector<double>(size(source), 0.0));
    const double scale = static_cast<double>(source) / static_cast<double>(target);
    for (std::ptrdiff_t i = 0; i < target; ++i) {
        double sum = 0.0;
        for (std::ptrdiff_t k = 0; k < source; ++k) {
            const double away =
                static_cast<double>(k) + 0.5 - (static_cast<double>(i) + 0.5) * scale;
            const double weight = std::max(1.0 - std::fabs(away) / std::max(scale, 1.0), 0.0);
            rows[size(i)][size(k)] = weight;
            sum += weight;
        }
        for (double& weight : rows[size(i)]) weight /= sum;
    }
    return rows;
}

// Channel c of an image with both axes weighed: a packed plane.
template <typename T>
std::vector<double> weighed(const ImageView<const T>& image, std::ptrdiff_t c, const Matrix& rows,
                            const Matrix& columns) {
    Matrix half(rows.size(), std::vector<double>(size(image.width), 0.0));
    for (std::size_t y = 0; y < rows.size(); ++y)
        for (std::ptrdiff_t k = 0; k < image.height; ++k)
            for (std::ptrdiff_t x = 0; rows[y][size(k)] != 0.0 && x < image.width; ++x)
                half[y][size(x)] += rows[y][size(k)] * static_cast<double>(sample(image, k, x, c));
    std::vector<double> out(rows.size() * columns.size(), 0.0);
    for (std::size_t i = 0; i < out.size(); ++i)
        for (std::size_t k = 0; k < size(image.width); ++k)
            out[i] += columns[i % columns.size()][k] * half[i / columns.size()][k];
    return out;
}

double sigma_of(Input& in) {
    return std::exp(static_cast<double>(in.real(-1.5, 4.0)));
}

template <typename T>
void gaussian_blur_of(Input& in, double bound) {
    const Size size = size_of_image(in);
    const auto channels = signed_size(in.channels());
    const double sigma = sigma_of(in);
    const auto image = picture<T>(in, size, channels, 0, 255);
    const auto copy = packed(image.view);
    const auto blurred = [&](const ImageView<const T>& view) {
        return everywhere<T>(in, "image", size, channels, [&](auto out, auto threads, auto& level) {
            gaussian_blur<T>(view, sigma, out, threads, level);
        });
    };
    const auto got = blurred(image.view);
    expect_same("image", "that of a packed copy", got, blurred(copy.view));
    if (size.height * size.width > 900) return;
    const Matrix rows = gaussian_weights(sigma, size.height);
    const Matrix columns = gaussian_weights(sigma, size.width);
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
        const auto exact = weighed(image.view, c, rows, columns);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            const auto value =
                static_cast<double>(got[i * defocus::size(channels + 0) + defocus::size(c)]);
            if (!(std::fabs(value - exact[i]) <= bound))
                fail("image", "the blur", i, value, exact[i]);
        }
    }
}

void gaussian_blur_bytes(Input& in) {
    gaussian_blur_of<std::uint8_t>(in, 1.5);
}
void gaussian_blur_floats(Input& in) {
    gaussian_blur_of<float>(in, 1.0);
}

template <typename T>
void resize_of(Input& in, double full) {
    const Size from = size_of_image(in), to = size_of_image(in);
    const auto mask = picture<T>(in, from, 1, 0, full);
    const auto got = everywhere<float>(in, "mask", to, 1, [&](auto out, auto threads, auto& level) {
        resize_bilinear(mask.view, out, threads, level);
    });
    if (from.height * from.width > 900 || to.height * to.width > 900) return;
    const auto exact = weighed(mask.view, 0, bilinear_weights(from.height, to.height),
                               bilinear_weights(from.width, to.width));
    expect_near("mask", got, 1e-6, [&](std::size_t i) { return exact[i] / full; });
}

void resize_bytes(Input& in) {
    resize_of<std::uint8_t>(in, 255);
}
void resize_floats(Input& in) {
    resize_of<float>(in, 1);
}

template <typename T>
void blend_of(Input& in, double full) {
    const Size size = size_of_image(in);
    const auto front = picture<std::uint8_t>(in, size, 3, 0, 255);
    const auto back = picture<std::uint8_t>(in, size, 3, 0, 255);
    const auto alpha = picture<T>(in, size, 1, 0, full);
    const auto got =
        everywhere<std::uint8_t>(in, "image", size, 3, [&](auto out, auto threads, auto& level) {
            blend(front.view, back.view, alpha.view, out, threads, level);
        });
    expect_near("image", got, 0.5 + 1.0 / 128 + 0.02, [&](std::size_t i) {
        const auto c = static_cast<std::ptrdiff_t>(i % 3);
        const auto x = static_cast<std::ptrdiff_t>(i / 3) % size.width;
        const auto y = static_cast<std::ptrdiff_t>(i / 3) / size.width;
        return mixed(sample(front.view, y, x, c), sample(back.view, y, x, c),
                     static_cast<double>(sample(alpha.view, y, x)) / full, false);
    });
}

void blend_bytes(Input& in) {
    blend_of<std::uint8_t>(in, 255);
}
void blend_floats(Input& in) {
    blend_of<float>(in, 1);
}

void shrink_planes_of(Input& in) {
    const Size from = size_of_image(in);
    const Size to{signed_size(in.number(1, 40)), signed_size(in.number(1, 40))};
    const auto image = picture<std::uint8_t>(in, from, 3, 0, 255);
    const auto got = everywhere<float>(
        in, "planes", {1, 3 * to.height * to.width}, 1, [&](auto out, auto threads, auto& level) {
            shrink_planes(image.view, to.width, to.height, out.row(0), threads, level);
        });
    const Matrix rows = triangle_weights(from.height, to.height);
    const Matrix columns = triangle_weights(from.width, to.width);
    const std::size_t plane = size(to.height * to.width);
    for (std::size_t c = 0; c < 3; ++c) {
        const auto exact = weighed(image.view, static_cast<std::ptrdiff_t>(c), rows, columns);
        const std::vector<float> own(got.begin() + signed_size(c * plane),
                                     got.begin() + signed_size((c + 1) * plane));
        expect_near("planes", own, 5e-4, [&](std::size_t i) { return exact[i]; });
    }
}

// PNG specification, third edition, clause 9: the filters are removed again.
template <typename T>
void filter_png(Input& in) {
    const Size size_of = size_of_image(in);
    const auto channels = signed_size(in.number(1, 4));
    const auto image = picture<T>(in, size_of, channels, 0, sizeof(T) == 1 ? 255 : 65535);
    const auto first = signed_size(in.number(0, size(size_of.height) - 1));
    const auto last = first + 1 + signed_size(in.number(0, size(size_of.height - first) - 1));
    const std::size_t pixel = size(channels) * sizeof(T), length = size(size_of.width) * pixel;
    std::vector<std::uint8_t> out(size(last - first) * (length + 1));
    filter_png_rows<T>(image.view, first, last, out.data());
    const auto byte = [&](std::ptrdiff_t y, std::size_t i) -> std::uint8_t {
        if (y < 0) return 0;
        const auto at = signed_size(i / sizeof(T));
        const T sample = image.view.row(
            y)[at / channels * image.view.pixel_stride + at % channels * image.view.channel_stride];
        return static_cast<std::uint8_t>(sample >> 8 * (sizeof(T) - 1 - i % sizeof(T)));
    };
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t row = i / (length + 1), x = i % (length + 1);
        const std::uint8_t filter = out[i - x], shared = out[row / 8 * 8 * (length + 1)];
        if (x == 0 && (filter < 1 || filter > 2 || filter != shared))
            fail("rows", "1 or 2, for eight rows", i, filter, shared);
        if (x == 0) continue;
        const std::ptrdiff_t y = first + signed_size(row);
        const int left = x > pixel ? byte(y, x - 1 - pixel) : 0;
        const int guess = filter == 1 ? left : byte(y - 1, x - 1);
        const auto want = static_cast<std::uint8_t>(byte(y, x - 1) - guess);
        if (out[i] != want) fail("rows", "the specification", i, out[i], want);
    }
}

// PNG specification, third edition, clause 9, byte by byte.
void unfilter_png(Input& in) {
    const std::size_t rows = in.number(1, 6), length = in.width(), pixel = in.number(1, 9);
    const auto filtered = in.row<std::uint8_t>(rows * (length + 1), 0, in.flag() ? 255 : 4);
    const auto above = in.row<std::uint8_t>(length, 0, 255);
    std::vector<std::uint8_t> out(rows * length);
    bool known = true;
    for (std::size_t y = 0; y < rows; ++y) known = known && filtered[y * (length + 1)] <= 4;
    const bool done =
        unfilter_png_rows(filtered.data(), rows, length, pixel, above.data(), out.data());
    if (done != known) fail("rows", "whether the filters are known", 0, done, known);
    for (std::size_t i = 0; done && i < out.size(); ++i) {
        const std::size_t y = i / length, x = i % length;
        const auto over = [&](std::size_t at) -> int {
            return y == 0 ? above[at] : out[i - x - length + at];
        };
        const int left = x >= pixel ? out[i - pixel] : 0, up = over(x);
        const int corner = x >= pixel ? over(x - pixel) : 0, guess = left + up - corner;
        const int to_left = std::abs(guess - left), to_up = std::abs(guess - up);
        const int to_corner = std::abs(guess - corner);
        const int paeth = to_left <= to_up && to_left <= to_corner ? left
                          : to_up <= to_corner                     ? up
                                                                   : corner;
        const int predicted[] = {0, left, up, (left + up) / 2, paeth};
        const std::size_t at = y * (length + 1);
        const auto want = static_cast<std::uint8_t>(filtered[at + 1 + x] + predicted[filtered[at]]);
        if (out[i] != want) fail("rows", "the specification", i, out[i], want);
    }
}

// Pixel by pixel: the image is transposed, and then flipped.
void turn_of(Input& in) {
    const std::size_t height = in.width(), width = in.number(1, 130), pixel = in.number(1, 8);
    if (!can_turn(pixel)) return;
    const Turn how{in.flag(), in.flag(), in.flag()};
    const auto image = in.row<std::uint8_t>(height * width * pixel, 0, 255);
    std::vector<std::uint8_t> out(image.size());
    turn(image.data(), signed_size(height), signed_size(width), pixel, how, out.data(),
         Threads(2, 1));
    const std::size_t rows = how.transposed ? width : height;
    const std::size_t columns = how.transposed ? height : width;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t at = i / pixel, row = at / columns, column = at % columns;
        const std::size_t y = how.upside_down ? rows - 1 - row : row;
        const std::size_t x = how.mirrored ? columns - 1 - column : column;
        const std::size_t from = how.transposed ? x * width + y : y * width + x;
        const std::uint8_t want = image[from * pixel + i % pixel];
        if (out[i] != want) fail("pixels", "their places", i, out[i], want);
    }
}

}  // namespace

std::vector<Case> filter_cases() {
    return {{"gaussian_blur of bytes", gaussian_blur_bytes},
            {"gaussian_blur of floats", gaussian_blur_floats},
            {"resize_bilinear of bytes", resize_bytes},
            {"resize_bilinear of floats", resize_floats},
            {"blend with bytes", blend_bytes},
            {"blend with floats", blend_floats},
            {"shrink_planes", shrink_planes_of},
            {"filter_png of bytes", filter_png<std::uint8_t>},
            {"filter_png of 16 bits", filter_png<std::uint16_t>},
            {"unfilter_png", unfilter_png},
            {"turn", turn_of}};
}

}  // namespace defocus::fuzz
