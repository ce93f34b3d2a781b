// Images of 16-bit samples.  All arithmetic is in floats on the scale 0..255: a 16-bit sample is
// 257 times an 8-bit value.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/guide-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/unmix-inl.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// The work is done in blocks of pixels: compilers vectorise strided loads if the loop does nothing
// else.
constexpr std::size_t block16 = 64;

inline std::uint16_t to_sample16(float value) noexcept {
    float v = value * sample16_per_value8;
    v = v > 0.0f ? v : 0.0f;
    v = v < 65535.0f ? v : 65535.0f;
    return static_cast<std::uint16_t>(static_cast<std::int32_t>(v + 0.5f));
}

// 0..255 to light 0..1 with an error of .0004, a tenth of a 16-bit step.  Fitted over [.04045, 1]
// for the least maximum error in sRGB.
template <typename V>
inline V fine_light_of(V value) noexcept {
    const V x = value * broadcast<V>(1.0f / 255.0f);
    V sum = broadcast<V>(-0.137111738f);
    sum = sum * x + broadcast<V>(0.613986194f);
    sum = sum * x + broadcast<V>(-1.18583632f);
    sum = sum * x + broadcast<V>(1.3317163f);
    sum = sum * x + broadcast<V>(-1.04934025f);
    sum = sum * x + broadcast<V>(0.911548734f);
    sum = sum * x + broadcast<V>(0.478429794f);
    sum = sum * x + broadcast<V>(0.0357598066f);
    sum = sum * x + broadcast<V>(0.000843972492f);
    const V toe = x * broadcast<V>(1.0f / 12.92f);
    return select_less(x, broadcast<V>(0.04045f), toe, sum);
}

// The nearest byte, exactly.
void bytes_from_16(const std::uint16_t* __restrict row, std::size_t n,
                   std::uint8_t* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<std::uint8_t>((row[i] * 255u + 32895u) >> 16);
}

// Channel `c` of interleaved pixels, on the scale 0..255.
inline void channel_values(const std::uint16_t* __restrict pixels, std::size_t c, std::size_t count,
                           float* __restrict out) noexcept {
    for (std::size_t j = 0; j < count; ++j)
        out[j] = static_cast<float>(pixels[3 * j + c]) * value8_per_sample16;
}

inline void shares_of(const std::int16_t* __restrict alpha, std::size_t count,
                      float* __restrict out) noexcept {
    for (std::size_t j = 0; j < count; ++j) out[j] = static_cast<float>(alpha[j]) * alpha_share;
}

// sRGB values or linear light, in the range of Q7: 0..32640.
template <bool Linear, typename V>
inline V sample_16(V value) noexcept {
    if constexpr (Linear)
        return fine_light_of(value) * broadcast<V>(float{q7_white});
    else
        return value * broadcast<V>(128.0f);
}

template <bool Linear>
inline void background_16_as(const std::uint16_t* row, const std::int16_t* alpha, std::size_t width,
                             float* colours, float* weights) noexcept {
    constexpr float one = q7_white;
    float rest[block16], values[block16], planes[3 * block16];
    for (std::size_t x = 0, count; x < width; x += count) {
        count = width - x < block16 ? width - x : block16;
        shares_of(alpha + x, count, rest);
        for (std::size_t j = 0; j < count; ++j) {
            rest[j] = 1.0f - rest[j];
            weights[x + j] = one * rest[j];
        }
        for (std::size_t c = 0; c < 3; ++c) {
            channel_values(row + 3 * x, c, count, values);
            float* plane = planes + c * block16;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                (Floats::load(rest + j) * sample_16<Linear>(Floats::load(values + j)))
                    .store(plane + j);
            for (; j < count; ++j) plane[j] = rest[j] * sample_16<Linear>(values[j]);
        }
        merge_by<3>(planes, block16, count, colours + 3 * x);
    }
}

void background_16(const std::uint16_t* row, const std::int16_t* alpha, std::size_t width,
                   bool linear, float* colours, float* weights) noexcept {
    if (linear)
        background_16_as<true>(row, alpha, width, colours, weights);
    else
        background_16_as<false>(row, alpha, width, colours, weights);
}

void guided_alpha_16(const std::uint16_t* __restrict pixels, const float* __restrict coefficients,
                     std::size_t stride, std::size_t n, float low, float slope,
                     std::int16_t* __restrict out) noexcept {
    float colours[3 * guide_block];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = pixels_of_block(x, n);
        for (std::size_t c = 0; c < 3; ++c)
            channel_values(pixels + 3 * x, c, count, colours + c * guide_block);
        guided_pixels(colours, coefficients + x, stride, count, low, slope, out + x);
    }
}

void unmix_foreground_16(const std::uint16_t* __restrict pixels,
                         const std::int16_t* __restrict alpha, const float* __restrict parts,
                         std::size_t stride, std::size_t n,
                         std::uint16_t* __restrict out) noexcept {
    float shares[block16], colours[block16], values[block16];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < block16 ? n - x : block16;
        shares_of(alpha + x, count, shares);
        for (std::size_t c = 0; c < 3; ++c) {
            channel_values(pixels + 3 * x, c, count, colours);
            const float* front = parts + c * stride + x;
            const float* back = front + 3 * stride;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                foreground_value(Floats::load(colours + j), Floats::load(shares + j),
                                 Floats::load(front + j), Floats::load(back + j))
                    .store(values + j);
            for (; j < count; ++j)
                values[j] = foreground_value(colours[j], shares[j], front[j], back[j]);
            for (j = 0; j < count; ++j) out[3 * (x + j) + c] = to_sample16(values[j]);
        }
    }
}

template <typename V>
inline V background_value_16(V colour, V front, V a) noexcept {
    const V zero = broadcast<V>(0.0f), one = broadcast<V>(1.0f);
    V light = (fine_light_of(colour) - a * fine_light_of(front)) / (one - a);
    light = select_less(zero, light, light, zero);
    light = select_less(light, one, light, one);
    return select_less(zero, a, select_less(a, one, to_srgb(light), colour), colour);
}

void unmix_background_16(const std::uint16_t* __restrict pixels,
                         const std::uint16_t* __restrict foreground,
                         const std::int16_t* __restrict alpha, std::size_t n,
                         std::uint16_t* __restrict out) noexcept {
    float shares[block16], colours[block16], fronts[block16], values[block16];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < block16 ? n - x : block16;
        shares_of(alpha + x, count, shares);
        for (std::size_t c = 0; c < 3; ++c) {
            channel_values(pixels + 3 * x, c, count, colours);
            channel_values(foreground + 3 * x, c, count, fronts);
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                background_value_16(Floats::load(colours + j), Floats::load(fronts + j),
                                    Floats::load(shares + j))
                    .store(values + j);
            for (; j < count; ++j)
                values[j] = background_value_16(colours[j], fronts[j], shares[j]);
            for (j = 0; j < count; ++j) out[3 * (x + j) + c] = to_sample16(values[j]);
        }
    }
}

// alpha F + (1 - alpha) B.  For alpha 0 it is B, without the detour through light.
template <bool Linear, typename V>
inline V mix_16(V front, V back, V a) noexcept {
    if constexpr (Linear) {
        const V light = fine_light_of(back);
        const V mixed = to_srgb(light + a * (fine_light_of(front) - light));
        return select_less(broadcast<V>(0.0f), a, mixed, back);
    } else {
        return back + a * (front - back);
    }
}

template <typename V>
inline V spline_value(const float* const* rows, const float* taps, std::size_t at) noexcept {
    const V zero = broadcast<V>(0.0f), white = broadcast<V>(255.0f);
    V value = spline_of<V>(rows, taps, at);
    value = select_less(zero, value, value, zero);
    return select_less(value, white, value, white);
}

template <bool Linear>
inline void spline_blend_16_as(const float* const* rows, std::size_t stride, const float* taps,
                               const std::uint16_t* foreground, const std::int16_t* alpha,
                               std::size_t width, std::uint16_t* out) noexcept {
    float shares[block16], front[block16], values[block16];
    for (std::size_t x = 0, count; x < width; x += count) {
        count = width - x < block16 ? width - x : block16;
        int any = 0, all = opaque;
        for (std::size_t j = 0; j < count; ++j) {
            any |= alpha[x + j];
            all = alpha[x + j] < all ? alpha[x + j] : all;
        }
        if (all == opaque) {
            for (std::size_t i = 3 * x; i < 3 * (x + count); ++i) out[i] = foreground[i];
            continue;
        }
        shares_of(alpha + x, count, shares);
        for (std::size_t c = 0; c < 3; ++c) {
            const std::size_t at = c * stride + x;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                spline_value<Floats>(rows, taps, at + j).store(values + j);
            for (; j < count; ++j) values[j] = spline_value<float>(rows, taps, at + j);
            if (any != 0) {
                channel_values(foreground + 3 * x, c, count, front);
                for (j = 0; j + Floats::lanes <= count; j += Floats::lanes)
                    mix_16<Linear>(Floats::load(front + j), Floats::load(values + j),
                                   Floats::load(shares + j))
                        .store(values + j);
                for (; j < count; ++j) values[j] = mix_16<Linear>(front[j], values[j], shares[j]);
            }
            for (j = 0; j < count; ++j) {
                const std::size_t i = 3 * (x + j) + c;
                const std::uint16_t sample = to_sample16(values[j]);
                out[i] = alpha[x + j] == opaque ? foreground[i] : sample;
            }
        }
    }
}

void spline_blend_16(const float* const* rows, std::size_t stride, const float* taps,
                     const std::uint16_t* foreground, const std::int16_t* alpha, std::size_t width,
                     bool linear, std::uint16_t* out) noexcept {
    if (linear)
        spline_blend_16_as<true>(rows, stride, taps, foreground, alpha, width, out);
    else
        spline_blend_16_as<false>(rows, stride, taps, foreground, alpha, width, out);
}

void attach_alpha_16(const std::uint16_t* __restrict rgb, const std::int16_t* __restrict alpha,
                     std::size_t width, std::uint16_t* __restrict rgba) noexcept {
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        // a * 65535 / 16384, rounded
        const auto a = static_cast<std::uint32_t>(alpha[x]);
        rgba[4 * x + 3] = static_cast<std::uint16_t>((a * 65535u + 8192u) >> 14);
    }
}

}  // namespace
