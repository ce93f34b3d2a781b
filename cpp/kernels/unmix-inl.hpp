// The two colours that a soft edge mixes: I = a F + (1 - a) B.  F and B come from blur-fusion
// (Forte & Pitie 2021, "Approximate fast foreground colour estimation"): means of aI and (1 - a) I
// over windows.  The rest of I is then added to F.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"

namespace {

// In a window without one of the sides, the quotient of that side stays near 0.
constexpr float no_share = 1e-5f;

template <typename V>
inline V fused(V colour, V a, V front, V back) noexcept {
    return front + a * (colour - a * front - (broadcast<V>(1.0f) - a) * back);
}

inline float clamp_value(float v) noexcept {
    v = v > 0.0f ? v : 0.0f;
    return v < 255.0f ? v : 255.0f;
}

void part_products(const float* __restrict front, const float* __restrict back,
                   const float* __restrict alpha, std::size_t stride, std::size_t n,
                   float* __restrict out) noexcept {
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t x = 0; x < n; ++x) {
            out[x + c * stride] = alpha[x] * front[x + c * stride];
            out[x + (c + 3) * stride] = (1.0f - alpha[x]) * back[x + c * stride];
        }
    for (std::size_t x = 0; x < n; ++x) out[x + 6 * stride] = alpha[x];
}

void part_colours(const float* __restrict means, std::size_t stride, std::size_t n,
                  float* __restrict out) noexcept {
    const float* __restrict share = means + 6 * stride;
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t x = 0; x < n; ++x) {
            out[x + c * stride] = means[x + c * stride] / (share[x] + no_share);
            out[x + (c + 3) * stride] =
                means[x + (c + 3) * stride] / ((1.0f - share[x]) + no_share);
        }
}

void fuse_parts(const float* __restrict guide, const float* __restrict alpha,
                const float* __restrict parts, std::size_t stride, std::size_t n,
                float* __restrict out) noexcept {
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t x = 0; x < n; ++x)
            out[x + c * stride] =
                clamp_value(fused(guide[x + c * stride], alpha[x], parts[x + c * stride],
                                  parts[x + (c + 3) * stride]));
}

constexpr std::size_t unmix_block = 64;

template <typename V>
inline V foreground_value(V colour, V a, V front, V back) noexcept {
    return select_less(broadcast<V>(0.0f), a, fused(colour, a, front, back), colour);
}

void unmix_foreground(const std::uint8_t* __restrict pixels, const std::int16_t* __restrict alpha,
                      const float* __restrict parts, std::size_t stride, std::size_t n,
                      std::uint8_t* __restrict out) noexcept {
    // In blocks: compilers vectorise strided loads if the loop does nothing else.
    float shares[unmix_block];
    std::uint8_t colours[3 * unmix_block], planes[3 * unmix_block];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < unmix_block ? n - x : unmix_block;
        for (std::size_t j = 0; j < count; ++j)
            shares[j] = static_cast<float>(alpha[x + j]) * alpha_share;
        split_bytes(pixels + 3 * x, count, colours, unmix_block);
        for (std::size_t c = 0; c < 3; ++c) {
            const std::uint8_t* colour = colours + c * unmix_block;
            const float* front = parts + c * stride + x;
            const float* back = front + 3 * stride;
            std::uint8_t* plane = planes + c * unmix_block;
            std::size_t j = 0;
            for (; j + Floats::lanes <= count; j += Floats::lanes)
                foreground_value(Floats::load_bytes(colour + j), Floats::load(shares + j),
                                 Floats::load(front + j), Floats::load(back + j))
                    .store_bytes(plane + j);
            for (; j < count; ++j)
                plane[j] = to_byte(
                    foreground_value(load<float>(colour + j), shares[j], front[j], back[j]));
        }
        merge_by<3>(planes, unmix_block, count, out + 3 * x);
    }
}

// 0..255 to light 0..1 in floats, with an error of .012 of an 8-bit step.  A difference of two
// results is divided, for which the 16-bit integers of light-inl.hpp are too coarse.
template <typename V>
inline V light_of(V value) noexcept {
    const V x = value * broadcast<V>(1.0f / 255.0f);
    V sum = broadcast<V>(0.085594214f);
    sum = sum * x + broadcast<V>(-0.30330133f);
    sum = sum * x + broadcast<V>(0.66369736f);
    sum = sum * x + broadcast<V>(0.5206186f);
    sum = sum * x + broadcast<V>(0.032571565f);
    sum = sum * x + broadcast<V>(0.00092423515f);
    const V toe = x * broadcast<V>(1.0f / 12.92f);
    return select_less(x, broadcast<V>(0.04045f), toe, sum);
}

// For alpha 0 and alpha 1 the result is the value of the pixel.
template <typename V>
inline V background_value(V colour, V front, V a) noexcept {
    const V zero = broadcast<V>(0.0f), one = broadcast<V>(1.0f);
    V light = (light_of(colour) - a * light_of(front)) / (one - a);
    light = select_less(zero, light, light, zero);
    light = select_less(light, one, light, one);
    return select_less(zero, a, select_less(a, one, to_srgb(light), colour), colour);
}

template <int Part>
inline void background_values(const std::uint8_t* pixels, const std::uint8_t* foreground,
                              const std::int16_t* alpha, std::uint8_t* out) noexcept {
    const Shorts a = Shorts::triple<Part>(alpha);
    const Floats unit = Floats::broadcast(alpha_share);
    constexpr std::size_t i = Part * Shorts::lanes, j = i + Floats::lanes;
    background_value(Floats::load_bytes(pixels + i), Floats::load_bytes(foreground + i),
                     a.low() * unit)
        .store_bytes(out + i);
    background_value(Floats::load_bytes(pixels + j), Floats::load_bytes(foreground + j),
                     a.high() * unit)
        .store_bytes(out + j);
}

// The first `count` pixels of a vector of them.
inline void background_pixels(const std::uint8_t* pixels, const std::uint8_t* foreground,
                              const std::int16_t* alpha, std::size_t count,
                              std::uint8_t* out) noexcept {
    background_values<0>(pixels, foreground, alpha, out);
    if (3 * count > Shorts::lanes) background_values<1>(pixels, foreground, alpha, out);
    if (3 * count > 2 * Shorts::lanes) background_values<2>(pixels, foreground, alpha, out);
}

void unmix_background(const std::uint8_t* pixels, const std::uint8_t* foreground,
                      const std::int16_t* alpha, std::size_t n, std::uint8_t* out) noexcept {
    constexpr std::size_t lanes = Shorts::lanes;
    std::size_t x = 0;
    for (; x + lanes <= n; x += lanes)
        background_pixels(pixels + 3 * x, foreground + 3 * x, alpha + x, lanes, out + 3 * x);
    if (x == n) return;
    // A run is often shorter than a vector, and a single value costs as much as a vector of them.
    const std::size_t rest = n - x;
    std::uint8_t colours[3 * lanes] = {}, front[3 * lanes] = {}, values[3 * lanes];
    std::int16_t shares[2 * lanes] = {};
    for (std::size_t i = 0; i < 3 * rest; ++i) colours[i] = pixels[3 * x + i];
    for (std::size_t i = 0; i < 3 * rest; ++i) front[i] = foreground[3 * x + i];
    for (std::size_t i = 0; i < rest; ++i) shares[i] = alpha[x + i];
    background_pixels(colours, front, shares, rest, values);
    for (std::size_t i = 0; i < 3 * rest; ++i) out[3 * x + i] = values[i];
}

}  // namespace
