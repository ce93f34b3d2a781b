// The row functions of one ISA level: the only door between the kernels and everything above.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

struct KernelTable {
    const char* level;
    std::size_t vector_bytes;

    // ---- convert: 8-bit interleaved pixels <-> float planes
    // planes[c][x] = pixels[x * channels + c]
    void (*split)(const std::uint8_t* pixels, std::size_t width, std::size_t channels,
                  float* planes, std::size_t stride) noexcept;
    void (*split_float)(const float* pixels, std::size_t width, std::size_t channels, float* planes,
                        std::size_t stride) noexcept;
    // pixels[x * channels + c] = planes[c][x], rounded to nearest and clamped to 0..255
    void (*merge)(const float* planes, std::size_t stride, std::size_t width, std::size_t channels,
                  std::uint8_t* pixels) noexcept;
    void (*merge_float)(const float* planes, std::size_t stride, std::size_t width,
                        std::size_t channels, float* pixels) noexcept;

    // ---- blur: tap sums
    // out[i] = sum over k, ascending, of taps[k] * rows[k][i]
    void (*sum_rows)(const float* const* rows, const float* taps, std::size_t count, std::size_t n,
                     float* out) noexcept;
    // sums[k][i] += weights[k] * row[i] for k = 0..2
    void (*accumulate)(const float* row, std::size_t n, const float* weights,
                       float* const* sums) noexcept;
    // out[m] = sum over k, ascending, of taps[k] * row[m * step + k]
    void (*decimate)(const float* row, const float* taps, std::size_t count, std::size_t step,
                     std::size_t n, float* out) noexcept;
    // out[i] = sum over k, ascending, of taps[k] * row[i + k]
    void (*convolve)(const float* row, const float* taps, std::size_t count, std::size_t n,
                     float* out) noexcept;
    // out[m * step + p] = sum over k = 0..3, ascending, of taps[k * step + p] * row[m + k]
    void (*expand)(const float* row, const float* taps, std::size_t step, std::size_t n,
                   float* out) noexcept;

    // ---- upsample: bilinear interpolation
    // out[i] = a[i] + t * (b[i] - a[i])
    void (*lerp_rows)(const float* a, const float* b, float t, std::size_t n, float* out) noexcept;
    // out[x] = row[index[x]] + t[x] * (row[index[x] + 1] - row[index[x]])
    void (*lerp_columns)(const float* row, const std::int32_t* index, const float* t, std::size_t n,
                         float* out) noexcept;

    // ---- blend: colour and alpha
    // planes[0..2] *= 1 - alpha;  planes[3] = 1 - alpha
    void (*premultiply_background)(float* planes, std::size_t stride, const float* alpha,
                                   std::size_t width) noexcept;
    // pixels = alpha * foreground + (1 - alpha) * background, rounded; background in planes 0..2
    // is divided by its weight in plane 3 first
    void (*blend_normalised)(const std::uint8_t* foreground, const float* background,
                             std::size_t stride, const float* alpha, std::size_t width,
                             std::uint8_t* pixels) noexcept;
    // the same for two 8-bit rows of interleaved RGB
    void (*blend)(const std::uint8_t* foreground, const std::uint8_t* background,
                  const float* alpha, std::size_t width, std::uint8_t* pixels) noexcept;
    // rgba = (rgb, alpha rounded to 0..255)
    void (*attach_alpha)(const std::uint8_t* rgb, const float* alpha, std::size_t width,
                         std::uint8_t* rgba) noexcept;
};

}  // namespace defocus
