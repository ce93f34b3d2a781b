// The row functions of one ISA level: the only door between the kernels and everything above.
//
// Samples: bytes 0..255; floats, colour 0..255 and alpha or weight 0..1; Q7, colour as 16-bit
// integers of 1/128; Q14, alpha as 16-bit integers of 1/16384; Q15, taps likewise of 1/32768.
// A flat row is interleaved as pixels are; a planar row has one plane a channel, `stride` apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

struct KernelTable {
    const char* level;
    std::size_t vector_bytes;

    // ---- convert
    // planes[c][x] = pixels[x * channels + c]
    void (*split_bytes)(const std::uint8_t* pixels, std::size_t width, std::size_t channels,
                        float* planes, std::size_t stride) noexcept;
    void (*split_floats)(const float* pixels, std::size_t width, std::size_t channels,
                         float* planes, std::size_t stride) noexcept;
    // pixels[x * channels + c] = planes[c][x]
    void (*merge_q7)(const std::int16_t* planes, std::size_t stride, std::size_t width,
                     std::size_t channels, std::int16_t* pixels) noexcept;
    void (*merge_floats)(const float* planes, std::size_t stride, std::size_t width,
                         std::size_t channels, float* pixels) noexcept;

    // ---- reduce: the way down
    // Adds `count` (2, 4 or 8) rows into three windows: sums[w] += f[w][0] s + f[w][1] p + f[w][2]
    // q with the moments s, p, q of the rows.
    void (*reduce_bytes)(const std::uint8_t* const* rows, std::size_t count, std::size_t n,
                         const float* factors, float* const* sums) noexcept;
    void (*reduce_floats)(const float* const* rows, std::size_t count, std::size_t n,
                          const float* factors, float* const* sums) noexcept;
    // The same for (1 - alpha) row, three samples a pixel; `linear` sums light, 0..1, instead of
    // codes.
    void (*reduce_background)(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                              std::size_t count, std::size_t width, const float* factors,
                              float* const* sums, bool linear) noexcept;
    // The same for 1 - alpha itself.
    void (*reduce_weights)(const std::int16_t* const* alphas, std::size_t count, std::size_t n,
                           const float* factors, float* const* sums) noexcept;
    // out[m] = (row[2 m] + 3 row[2 m + 1] + 3 row[2 m + 2] + row[2 m + 3]) / 8
    void (*halve)(const float* row, std::size_t n, float* out) noexcept;

    // ---- blur: symmetric FIRs of 2 radius + 1 taps, of which taps[0..radius] are given
    // out[i] = taps[0] rows[radius][i] + sum over k of taps[k] (rows[radius - k][i] + rows[radius +
    // k][i])
    void (*fir_columns)(const float* const* rows, const float* taps, std::size_t radius,
                        std::size_t n, float* out) noexcept;
    // the same along a row that starts `radius` samples before the first output
    void (*fir_row)(const float* row, const float* taps, std::size_t radius, std::size_t n,
                    float* out) noexcept;
    // the same in 16-bit integers with Q15 taps: from bytes to Q6, and from a flat row of Q6, whose
    // neighbours lie `channels` apart, to Q7
    void (*fir_columns_q6)(const std::uint8_t* const* rows, const std::int16_t* taps,
                           std::size_t radius, std::size_t n, std::int16_t* out) noexcept;
    void (*fir_row_q7)(const std::int16_t* row, const std::int16_t* taps, std::size_t radius,
                       std::size_t channels, std::size_t n, std::int16_t* out) noexcept;

    // ---- expand: the way up
    // out[i] = sum over k = 0..3, ascending, of taps[k][i % period] * row[i / step + k], with
    // period = max(step, 8); reads up to 8 floats from the last row[i / step + 3] on
    void (*expand)(const float* row, const float* taps, std::size_t step, std::size_t n,
                   float* out) noexcept;
    void (*expand_q7)(const float* row, const float* taps, std::size_t step, std::size_t n,
                      std::int16_t* out) noexcept;
    void (*to_q7)(const float* row, std::size_t n, std::int16_t* out) noexcept;
    // out = sum of four Q7 rows with Q15 taps, rounded to bytes
    void (*spline_bytes)(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t n,
                         std::uint8_t* out) noexcept;
    void (*spline_floats)(const float* const* rows, const float* taps, std::size_t n,
                          float* out) noexcept;
    // out[c] = planes[c] / planes[3] * scale as 16-bit integers, c = 0..2; all planes `stride`
    // apart
    void (*normalise)(const float* planes, std::size_t stride, std::size_t width, float scale,
                      std::int16_t* out) noexcept;
    // out[k] = taps[k] weights[k] / sum over j of taps[j] weights[j], Q15, k = 0..3
    void (*mix_taps)(const float* const* weights, const float* taps, std::size_t width,
                     std::int16_t* out, std::size_t stride) noexcept;

    // ---- upsample: bilinear interpolation of a mask
    // out[x] = row[m] + t[x] * (row[m + 1] - row[m]) for starts[m] <= x < starts[m + 1], m < cells
    void (*lerp_columns)(const float* row, const std::int32_t* starts, std::size_t cells,
                         const float* t, std::size_t n, float* out) noexcept;
    // out[i] = a[i] + t * (b[i] - a[i])
    void (*lerp_rows)(const float* a, const float* b, float t, std::size_t n, float* out) noexcept;
    void (*lerp_alpha)(const std::int16_t* a, const std::int16_t* b, std::int16_t t, std::size_t n,
                       std::int16_t* out) noexcept;
    // Q14 of 0..1, and of 0..255
    void (*alpha_row)(const float* row, std::size_t n, std::int16_t* out) noexcept;
    void (*alpha_bytes)(const std::uint8_t* row, std::size_t n, std::int16_t* out) noexcept;

    // ---- blend: RGB rows of `width` pixels, and their alpha, one Q14 sample a pixel.  Alpha and
    // taps are readable for 8 samples beyond the row.
    // out = (1 - alpha) row, codes or light
    void (*premultiply_background)(const std::uint8_t* row, const std::int16_t* alpha,
                                   std::size_t width, float* out, bool linear) noexcept;
    void (*background_weights)(const std::int16_t* alpha, std::size_t width, float* out) noexcept;
    // out = alpha foreground + (1 - alpha) background
    void (*blend)(const std::uint8_t* foreground, const std::uint8_t* background,
                  const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept;
    // The same with the sum of four Q7 rows and Q15 taps as background; taps are alike for the row,
    // or (mixed) each pixel has its own four, `stride` apart.
    void (*spline_blend)(const std::int16_t* const* rows, const std::int16_t* taps,
                         const std::uint8_t* foreground, const std::int16_t* alpha,
                         std::size_t width, std::uint8_t* out) noexcept;
    void (*spline_blend_mixed)(const std::int16_t* const* rows, const std::int16_t* taps,
                               std::size_t stride, const std::uint8_t* foreground,
                               const std::int16_t* alpha, std::size_t width,
                               std::uint8_t* out) noexcept;
    // The same in light: rows hold 0..1 as 0..32000.
    void (*light_blend)(const std::int16_t* const* rows, const std::int16_t* taps,
                        const std::uint8_t* foreground, const std::int16_t* alpha,
                        std::size_t width, std::uint8_t* out) noexcept;
    void (*light_blend_mixed)(const std::int16_t* const* rows, const std::int16_t* taps,
                              std::size_t stride, const std::uint8_t* foreground,
                              const std::int16_t* alpha, std::size_t width,
                              std::uint8_t* out) noexcept;
    // rgba = (rgb, alpha in 0..255)
    void (*attach_alpha)(const std::uint8_t* rgb, const std::int16_t* alpha, std::size_t width,
                         std::uint8_t* rgba) noexcept;

    // ---- shrink: a photograph at the network's size
    // sums[i] += sum over k < count of (a + b k) rows[k][i]; count is 1 .. 22
    void (*add_ramp)(const std::uint8_t* const* rows, std::size_t count, float a, float b,
                     std::size_t n, float* sums) noexcept;
    // out[x] = sum over k < taps of weights[x * taps + k] row[starts[x] + k]; taps is a multiple of
    // 8
    void (*weigh_columns)(const float* row, const std::int32_t* starts, const float* weights,
                          std::size_t taps, std::size_t n, float* out) noexcept;
    // peak = the greatest of itself and the row
    void (*raise_to_row)(const float* row, std::size_t n, float* peak) noexcept;
    // row = row * scale - offset
    void (*scale_row)(float* row, std::size_t n, float scale, float offset) noexcept;
};

}  // namespace defocus
