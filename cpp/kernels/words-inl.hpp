// Pictures of words, 16 bits a sample: what of them differs from pictures of bytes.  All of it is
// done in floats, as codes: a word is 257 times a code.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/guide-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/unmix-inl.hpp"
#include "kernels/vec.hpp"

namespace {

constexpr float codes_per_word = 1.0f / 257.0f, words_per_code = 257.0f;
// By blocks of pixels: compilers make vectors of strided loads, if nothing else happens in the
// loop.
constexpr std::size_t word_block = 64;

inline std::uint16_t to_word(float code) noexcept {
    float v = code * words_per_code;
    v = v > 0.0f ? v : 0.0f;
    v = v < 65535.0f ? v : 65535.0f;
    return static_cast<std::uint16_t>(static_cast<std::int32_t>(v + 0.5f));
}

// Code 0..255 to light 0..1, good to .0004 of a code, a tenth of a word.  Fitted over
// [.04045, 1] by least maximum, in codes.
template <typename V>
inline V fine_light_of(V code) noexcept {
    const V x = code * broadcast<V>(1.0f / 255.0f);
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
void words_to_bytes(const std::uint16_t* __restrict row, std::size_t n,
                    std::uint8_t* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<std::uint8_t>((row[i] * 255u + 32895u) >> 16);
}

// Channel `c` of interleaved pixels, as codes.
inline void codes_of_channel(const std::uint16_t* __restrict pixels, std::size_t c,
                             std::size_t count, float* __restrict out) noexcept {
    for (std::size_t j = 0; j < count; ++j)
        out[j] = static_cast<float>(pixels[3 * j + c]) * codes_per_word;
}

inline void shares_of(const std::int16_t* __restrict alpha, std::size_t count,
                      float* __restrict out) noexcept {
    for (std::size_t j = 0; j < count; ++j) out[j] = static_cast<float>(alpha[j]) * alpha_share;
}

// As codes 0..255, or their light in the same range as Q7 has, 0..32640.
template <bool Linear, typename V>
inline V word_sample(V code) noexcept {
    if constexpr (Linear)
        return fine_light_of(code) * broadcast<V>(float{q7_white});
    else
        return code * broadcast<V>(128.0f);
}

template <bool Linear>
inline void background_words_as(const std::uint16_t* row, const std::int16_t* alpha,
                                std::size_t width, float* colours, float* weights) noexcept {
    constexpr float one = q7_white;
    float rest[word_block], codes[word_block], planes[3 * word_block];
    for (std::size_t x = 0, count; x < width; x += count) {
        count = width - x < word_block ? width - x : word_block;
        shares_of(alpha + x, count, rest);
        for (std::size_t j = 0; j < count; ++j) {
            rest[j] = 1.0f - rest[j];
            weights[x + j] = one * rest[j];
        }
        for (std::size_t c = 0; c < 3; ++c) {
            codes_of_channel(row + 3 * x, c, count, codes);
            float* plane = planes + c * word_block;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                (Floats::load(rest + j) * word_sample<Linear>(Floats::load(codes + j)))
                    .store(plane + j);
            for (; j < count; ++j) plane[j] = rest[j] * word_sample<Linear>(codes[j]);
        }
        merge_by<3>(planes, word_block, count, colours + 3 * x);
    }
}

void background_words(const std::uint16_t* row, const std::int16_t* alpha, std::size_t width,
                      bool linear, float* colours, float* weights) noexcept {
    if (linear)
        background_words_as<true>(row, alpha, width, colours, weights);
    else
        background_words_as<false>(row, alpha, width, colours, weights);
}

void guided_alpha_words(const std::uint16_t* __restrict pixels,
                        const float* __restrict coefficients, std::size_t stride, std::size_t n,
                        float low, float slope, std::int16_t* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        float sum = coefficients[x + 3 * stride];
        sum += coefficients[x] * (static_cast<float>(pixels[3 * x]) * codes_per_word);
        sum += coefficients[x + stride] * (static_cast<float>(pixels[3 * x + 1]) * codes_per_word);
        sum +=
            coefficients[x + 2 * stride] * (static_cast<float>(pixels[3 * x + 2]) * codes_per_word);
        const float alpha = smooth_step(sum, low, slope) * 16384.0f + 0.5f;
        out[x] = static_cast<std::int16_t>(static_cast<std::int32_t>(alpha));
    }
}

void unmix_foreground_words(const std::uint16_t* __restrict pixels,
                            const std::int16_t* __restrict alpha, const float* __restrict parts,
                            std::size_t stride, std::size_t n,
                            std::uint16_t* __restrict out) noexcept {
    float shares[word_block], colours[word_block], codes[word_block];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < word_block ? n - x : word_block;
        shares_of(alpha + x, count, shares);
        for (std::size_t c = 0; c < 3; ++c) {
            codes_of_channel(pixels + 3 * x, c, count, colours);
            const float* front = parts + c * stride + x;
            const float* back = front + 3 * stride;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                foreground_code(Floats::load(colours + j), Floats::load(shares + j),
                                Floats::load(front + j), Floats::load(back + j))
                    .store(codes + j);
            for (; j < count; ++j)
                codes[j] = foreground_code(colours[j], shares[j], front[j], back[j]);
            for (j = 0; j < count; ++j) out[3 * (x + j) + c] = to_word(codes[j]);
        }
    }
}

template <typename V>
inline V background_code_of_words(V colour, V front, V a) noexcept {
    const V zero = broadcast<V>(0.0f), one = broadcast<V>(1.0f);
    V light = (fine_light_of(colour) - a * fine_light_of(front)) / (one - a);
    light = select_less(zero, light, light, zero);
    light = select_less(light, one, light, one);
    return select_less(zero, a, select_less(a, one, to_code(light), colour), colour);
}

void unmix_background_words(const std::uint16_t* __restrict pixels,
                            const std::uint16_t* __restrict foreground,
                            const std::int16_t* __restrict alpha, std::size_t n,
                            std::uint16_t* __restrict out) noexcept {
    float shares[word_block], colours[word_block], fronts[word_block], codes[word_block];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < word_block ? n - x : word_block;
        shares_of(alpha + x, count, shares);
        for (std::size_t c = 0; c < 3; ++c) {
            codes_of_channel(pixels + 3 * x, c, count, colours);
            codes_of_channel(foreground + 3 * x, c, count, fronts);
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                background_code_of_words(Floats::load(colours + j), Floats::load(fronts + j),
                                         Floats::load(shares + j))
                    .store(codes + j);
            for (; j < count; ++j)
                codes[j] = background_code_of_words(colours[j], fronts[j], shares[j]);
            for (j = 0; j < count; ++j) out[3 * (x + j) + c] = to_word(codes[j]);
        }
    }
}

// alpha F + (1 - alpha) B; where alpha is 0, B without a detour through light.
template <bool Linear, typename V>
inline V mix_codes(V front, V back, V a) noexcept {
    if constexpr (Linear) {
        const V light = fine_light_of(back);
        const V mixed = to_code(light + a * (fine_light_of(front) - light));
        return select_less(broadcast<V>(0.0f), a, mixed, back);
    } else {
        return back + a * (front - back);
    }
}

template <typename V>
inline V code_of_spline(const float* const* rows, const float* taps, std::size_t at) noexcept {
    const V zero = broadcast<V>(0.0f), white = broadcast<V>(255.0f);
    V code = spline_of<V>(rows, taps, at);
    code = select_less(zero, code, code, zero);
    return select_less(code, white, code, white);
}

template <bool Linear>
inline void spline_blend_words_as(const float* const* rows, std::size_t stride, const float* taps,
                                  const std::uint16_t* foreground, const std::int16_t* alpha,
                                  std::size_t width, std::uint16_t* out) noexcept {
    float shares[word_block], front[word_block], codes[word_block];
    for (std::size_t x = 0, count; x < width; x += count) {
        count = width - x < word_block ? width - x : word_block;
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
                code_of_spline<Floats>(rows, taps, at + j).store(codes + j);
            for (; j < count; ++j) codes[j] = code_of_spline<float>(rows, taps, at + j);
            if (any != 0) {
                codes_of_channel(foreground + 3 * x, c, count, front);
                for (j = 0; j + Floats::lanes <= count; j += Floats::lanes)
                    mix_codes<Linear>(Floats::load(front + j), Floats::load(codes + j),
                                      Floats::load(shares + j))
                        .store(codes + j);
                for (; j < count; ++j) codes[j] = mix_codes<Linear>(front[j], codes[j], shares[j]);
            }
            for (j = 0; j < count; ++j) {
                const std::size_t i = 3 * (x + j) + c;
                const std::uint16_t word = to_word(codes[j]);
                out[i] = alpha[x + j] == opaque ? foreground[i] : word;
            }
        }
    }
}

void spline_blend_words(const float* const* rows, std::size_t stride, const float* taps,
                        const std::uint16_t* foreground, const std::int16_t* alpha,
                        std::size_t width, bool linear, std::uint16_t* out) noexcept {
    if (linear)
        spline_blend_words_as<true>(rows, stride, taps, foreground, alpha, width, out);
    else
        spline_blend_words_as<false>(rows, stride, taps, foreground, alpha, width, out);
}

void attach_alpha_words(const std::uint16_t* __restrict rgb, const std::int16_t* __restrict alpha,
                        std::size_t width, std::uint16_t* __restrict rgba) noexcept {
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        // a * 65535 / 16384, rounded
        const auto a = static_cast<std::uint32_t>(alpha[x]);
        rgba[4 * x + 3] = static_cast<std::uint16_t>((a * 65535u + 8192u) >> 14);
    }
}

}  // namespace
