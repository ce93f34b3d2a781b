// The row functions of one ISA level: the only interface between the kernels and the code above.
//
// Types of samples:
//     bytes    8-bit values, 0..255
//     floats   colours 0..255; alpha and weights 0..1
//     Q7       colours as 16-bit integers of 1/128, centred: (value - 127.5) * 128
//     Q14      alpha as 16-bit integers of 1/16384
//     Q15      taps as 16-bit integers of 1/32768
// A flat row is interleaved as pixels are.  A planar row has one plane for each channel, `stride`
// samples apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace defocus {

struct KernelTable {
    const char* level;
    std::size_t vector_bytes;

    // ---- convert
    // planes[c][x] = pixels[x * channels + c]
    void (*split_q7)(const std::int16_t* pixels, std::size_t width, std::size_t channels,
                     std::int16_t* planes, std::size_t stride) noexcept;
    void (*split_floats)(const float* pixels, std::size_t width, std::size_t channels,
                         float* planes, std::size_t stride) noexcept;
    // pixels[x * channels + c] = planes[c][x]
    void (*merge_q7)(const std::int16_t* planes, std::size_t stride, std::size_t width,
                     std::size_t channels, std::int16_t* pixels) noexcept;
    void (*merge_floats)(const float* planes, std::size_t stride, std::size_t width,
                         std::size_t channels, float* pixels) noexcept;
    void (*centre_bytes)(const std::uint8_t* row, std::size_t n, std::int16_t* out) noexcept;
    // Q7 that is not centred, as floats: 0 .. 32640
    void (*open_q7)(const std::int16_t* row, std::size_t n, float* out) noexcept;
    // 0..255 to Q7; values far outside are clamped
    void (*to_q7)(const float* row, std::size_t n, std::int16_t* out) noexcept;

    // ---- reduce: from all samples to the grid
    // out = (rows[0] + 3 rows[1] + 3 rows[2] + rows[3]) / 8
    void (*halve_bytes)(const std::uint8_t* const* rows, std::size_t n, std::int16_t* out) noexcept;
    void (*halve_rows)(const std::int16_t* const* rows, std::size_t n, std::int16_t* out) noexcept;
    void (*halve_rows_floats)(const float* const* rows, std::size_t n, float* out) noexcept;
    // out[m] = (row[2 m] + 3 row[2 m + 1] + 3 row[2 m + 2] + row[2 m + 3]) / 8
    void (*halve_q7)(const std::int16_t* row, std::size_t n, std::int16_t* out) noexcept;
    void (*halve)(const float* row, std::size_t n, float* out) noexcept;
    // The background of RGB pixels: colours = (1 - alpha) row, as sRGB or as linear light, and
    // weights = 1 - alpha.  In both Q7 stands for 0..1.  Alpha is readable for 8 samples beyond the
    // row.
    void (*background)(const std::uint8_t* row, const std::int16_t* alpha, std::size_t width,
                       bool linear, std::int16_t* colours, std::int16_t* weights) noexcept;

    // ---- blur: symmetric FIRs of 2 radius + 1 taps, of which taps[0..radius] are given
    //     out[j][i] = taps[0] rows[j + radius][i] + sum over k of taps[k] (rows[j + radius - k][i]
    //     + rows[j + radius + k][i]), for j = 0 .. count - 1
    void (*fir_columns)(const float* const* rows, const float* taps, std::size_t radius,
                        std::size_t n, float* const* out, std::size_t count) noexcept;
    void (*fir_columns_q7)(const std::int16_t* const* rows, const std::int16_t* taps,
                           std::size_t radius, std::size_t n, std::int16_t* const* out,
                           std::size_t count) noexcept;
    // one row only
    void (*fir_columns_bytes)(const std::uint8_t* const* rows, const std::int16_t* taps,
                              std::size_t radius, std::size_t n, std::int16_t* out) noexcept;
    // the same along a row that starts `radius` samples before the first output
    void (*fir_row)(const float* row, const float* taps, std::size_t radius, std::size_t n,
                    float* out) noexcept;
    // whose neighbours lie `channels` apart
    void (*fir_row_q7)(const std::int16_t* row, const std::int16_t* taps, std::size_t radius,
                       std::size_t channels, std::size_t n, std::int16_t* out) noexcept;
    // sums[h * stride + i] = the sum of the 2 h + 1 middle ones of 2 radius + 1 rows, h = 0..radius
    void (*sum_columns)(const float* const* rows, std::size_t radius, std::size_t n, float* sums,
                        std::size_t stride) noexcept;
    // out[i] = sum over t = 0 .. taps - 1, ascending, of weights[t] * samples[offsets[t] + i]
    void (*gather)(const float* samples, const std::int32_t* offsets, const float* weights,
                   std::size_t taps, std::size_t n, float* out) noexcept;
    // out[c] = planes[c] / planes[3], c = 0..2: quotients of light or of sRGB values, as sRGB
    // 0..255.  All planes are `stride` apart.
    void (*normalise)(const float* planes, std::size_t stride, std::size_t width, bool linear,
                      float* out) noexcept;

    // ---- expand: from the grid to all samples
    // out[i] = sum over k = 0..3, ascending, of taps[k][i % period] * row[i / step + k], with
    // period = max(step, 8).  Reads up to 8 floats from the last row[i / step + 3] on.
    void (*expand)(const float* row, const float* taps, std::size_t step, std::size_t n,
                   float* out) noexcept;
    // The same for flat rows of `width` pixels that start in the middle of a cell.  Pixel x reads
    // grid pixels (x + step / 2) / step + k with taps[k][x % period], period = max(step, 32).  The
    // taps are shifted in the same way and repeated for each channel.  Reads what the next multiple
    // of 32 pixels would need, and up to 32 samples more.
    void (*expand_q7)(const std::int16_t* row, const std::int16_t* taps, std::size_t step,
                      std::size_t channels, std::size_t width, std::int16_t* out) noexcept;
    // out = sum of four Q7 rows with Q15 taps, rounded to bytes
    void (*spline_bytes)(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t n,
                         std::uint8_t* out) noexcept;
    void (*spline_floats)(const float* const* rows, const float* taps, std::size_t n,
                          float* out) noexcept;

    // ---- upsample: bilinear interpolation of a mask
    // out[x] = row[m] + t[x] * (row[m + 1] - row[m]) for starts[m] <= x < starts[m + 1], m < cells
    void (*lerp_columns)(const float* row, const std::int32_t* starts, std::size_t cells,
                         const float* t, std::size_t n, float* out) noexcept;
    // The same for `planes` planes, 4 or 6, between two rows of cells.  The values of a cell stand
    // side by side.  At the height of the row they are upper + down * (lower - upper).  Of
    // `columns` cells the last is its own right neighbour.  Reads up to 4 values more.
    void (*lerp_cells)(const float* upper, const float* lower, float down, std::size_t columns,
                       const std::int32_t* starts, std::size_t cells, std::size_t planes,
                       const float* t, std::size_t n, float* out, std::size_t stride) noexcept;
    // out[x] = row[index[x]] + t[x] * (row[index[x] + 1] - row[index[x]]) in Q14, with Q15 weights.
    // Indices grow by at most 1 from one to the next.  Reads up to 32 samples more.
    void (*lerp_columns_q14)(const std::int16_t* row, const std::int16_t* index,
                             const std::int16_t* t, std::size_t n, std::int16_t* out) noexcept;
    // out[i] = a[i] + t * (b[i] - a[i])
    void (*lerp_rows)(const float* a, const float* b, float t, std::size_t n, float* out) noexcept;
    void (*lerp_alpha)(const std::int16_t* a, const std::int16_t* b, std::int16_t t, std::size_t n,
                       std::int16_t* out) noexcept;
    // Q14 of 0..1, and of 0..255
    void (*alpha_row)(const float* row, std::size_t n, std::int16_t* out) noexcept;
    void (*alpha_bytes)(const std::uint8_t* row, std::size_t n, std::int16_t* out) noexcept;

    // ---- blend: RGB rows of `width` pixels, and their alpha, one Q14 sample a pixel.  Alpha is
    // readable for 8 samples beyond the row.
    // out = alpha foreground + (1 - alpha) background
    void (*blend)(const std::uint8_t* foreground, const std::uint8_t* background,
                  const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept;
    // The same with the sum of four Q7 rows with Q15 taps as background, mixed as sRGB or in light.
    void (*spline_blend)(const std::int16_t* const* rows, const std::int16_t* taps,
                         const std::uint8_t* foreground, const std::int16_t* alpha,
                         std::size_t width, bool linear, std::uint8_t* out) noexcept;
    // rgba = (rgb, alpha in 0..255)
    void (*attach_alpha)(const std::uint8_t* rgb, const std::int16_t* alpha, std::size_t width,
                         std::uint8_t* rgba) noexcept;

    // ---- shrink: a photo at the size of the network
    // sums[i] += sum over k < count of (a + b k) rows[k][i].  count is 1 .. 22, and no weight is
    // negative.
    void (*add_ramp)(const std::uint8_t* const* rows, std::size_t count, float a, float b,
                     std::size_t n, float* sums) noexcept;
    // out[x] = sum over k < taps of weights[x * taps + k] row[starts[x] + k], at most `most`.
    // `taps` is a multiple of 8.
    void (*weigh_columns)(const float* row, const std::int32_t* starts, const float* weights,
                          std::size_t taps, std::size_t n, float most, float* out) noexcept;

    // ---- cells: an image on a grid
    // out[i] = sum of `count` rows, 1 to 7
    void (*add_rows)(const std::uint8_t* const* rows, std::size_t count, std::size_t n,
                     std::uint16_t* out) noexcept;
    // planes[c][m] = scale * (sum over the `size` RGB pixels of cell m)
    void (*fold_cells)(const std::uint16_t* sums, std::size_t cells, std::size_t size, float scale,
                       float* planes, std::size_t stride) noexcept;

    // out[m] += scale * (sum over the `size` samples of cell m), of Q14 as 0..1
    void (*fold_alpha)(const std::int16_t* alpha, std::size_t cells, std::size_t size, float scale,
                       float* out) noexcept;

    // ---- box: means of windows of 2 radius + 1 cells
    // Sums have a group for each `box_planes` planes, `group` doubles apart.  In a group the planes
    // of a cell stand side by side.
    // slide_window adds add[p][x] - drop[p][x] to the sum of cell x and plane p.
    void (*slide_window)(const float* add, const float* drop, std::size_t stride,
                         std::size_t planes, std::size_t n, std::size_t group,
                         double* sums) noexcept;
    // out[p][x] = share * shares[x] * (sum of the sums of plane p from cell x to x + 2 radius)
    void (*box_row)(const double* sums, std::size_t planes, std::size_t n, std::size_t radius,
                    std::size_t group, const double* shares, double share, float* out,
                    std::size_t stride) noexcept;

    // ---- guide: n cells of planes, `stride` apart.  A guide has red, green, blue as 0..255.
    // out = rr, rg, rb, gg, gb, bb
    void (*guide_products)(const float* guide, std::size_t stride, std::size_t n,
                           float* out) noexcept;
    // From the means of guide and products, nine planes: the inverse of the covariance of the guide
    // plus epsilon times the identity.  Six planes in the order of the products.
    void (*guide_inverse)(const float* means, std::size_t stride, std::size_t n, float epsilon,
                          float* out) noexcept;
    // out = mask, mask * r, mask * g, mask * b
    void (*mask_products)(const float* guide, const float* mask, std::size_t stride, std::size_t n,
                          float* out) noexcept;
    // From the means of the guide, that inverse, and the means of the mask's four products.  Gives
    // the least-squares a (three planes) and b of mask = a . guide + b.
    void (*guide_coefficients)(const float* means, const float* inverse, const float* mask,
                               std::size_t stride, std::size_t n, float* out) noexcept;
    // out = s(t) = 3 t^2 - 2 t^3 of t = (a . guide + b - low) * slope within 0..1
    void (*guide_apply)(const float* coefficients, const float* guide, std::size_t stride,
                        std::size_t n, float low, float slope, float* out) noexcept;
    // the same for RGB pixels, in Q14
    void (*guided_alpha)(const std::uint8_t* pixels, const float* coefficients, std::size_t stride,
                         std::size_t n, float low, float slope, std::int16_t* out) noexcept;

    // out = Q14 as 0..1
    void (*alpha_floats)(const std::int16_t* alpha, std::size_t n, float* out) noexcept;

    // ---- unmix: the two colours that a soft edge mixes.  Parts are six planes: those of F, then
    // of B.
    // out = alpha front (three planes), (1 - alpha) back (three planes), alpha
    void (*part_products)(const float* front, const float* back, const float* alpha,
                          std::size_t stride, std::size_t n, float* out) noexcept;
    // From the means of these seven planes their quotients: out = F, B
    void (*part_colours)(const float* means, std::size_t stride, std::size_t n,
                         float* out) noexcept;
    // out = F + alpha (guide - alpha F - (1 - alpha) B), within 0..255
    void (*fuse_parts)(const float* guide, const float* alpha, const float* parts,
                       std::size_t stride, std::size_t n, float* out) noexcept;
    // The same for RGB pixels; for alpha 0 or 1 the pixel itself
    void (*unmix_foreground)(const std::uint8_t* pixels, const std::int16_t* alpha,
                             const float* parts, std::size_t stride, std::size_t n,
                             std::uint8_t* out) noexcept;
    // (light of the pixel - alpha * light of the foreground) / (1 - alpha); for alpha 0 or 1 the
    // pixel itself.  Alpha is readable for 8 samples beyond the row.
    void (*unmix_background)(const std::uint8_t* pixels, const std::uint8_t* foreground,
                             const std::int16_t* alpha, std::size_t n, std::uint8_t* out) noexcept;

    // ---- samples16: images of 16-bit samples, 0..65535.  In floats throughout: a step of a dark
    // sample, in light, is finer than Q7.
    // the nearest byte
    void (*bytes_from_16)(const std::uint16_t* row, std::size_t n, std::uint8_t* out) noexcept;
    // As `background`.  Both results are 0..32640, not centred.
    void (*background_16)(const std::uint16_t* row, const std::int16_t* alpha, std::size_t width,
                          bool linear, float* colours, float* weights) noexcept;
    void (*guided_alpha_16)(const std::uint16_t* pixels, const float* coefficients,
                            std::size_t stride, std::size_t n, float low, float slope,
                            std::int16_t* out) noexcept;
    void (*unmix_foreground_16)(const std::uint16_t* pixels, const std::int16_t* alpha,
                                const float* parts, std::size_t stride, std::size_t n,
                                std::uint16_t* out) noexcept;
    void (*unmix_background_16)(const std::uint16_t* pixels, const std::uint16_t* foreground,
                                const std::int16_t* alpha, std::size_t n,
                                std::uint16_t* out) noexcept;
    // As `spline_blend`, with four planar rows of sRGB values 0..255, whose planes are `stride`
    // apart.
    void (*spline_blend_16)(const float* const* rows, std::size_t stride, const float* taps,
                            const std::uint16_t* foreground, const std::int16_t* alpha,
                            std::size_t width, bool linear, std::uint16_t* out) noexcept;
    void (*attach_alpha_16)(const std::uint16_t* rgb, const std::int16_t* alpha, std::size_t width,
                            std::uint16_t* rgba) noexcept;
};

}  // namespace defocus
