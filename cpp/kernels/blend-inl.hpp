// Colour and alpha.  I = alpha F + (1 - alpha) B; alpha in Q14, so that 0 and 1 are exact.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/reduce-inl.hpp"
#include "kernels/vec.hpp"

namespace {

// The difference times alpha comes out in Q6.  alpha = 1 gives (F - B + B) to the last bit, also
// where B's Q7 is odd: both halves round to the same side.
inline Shorts blend_q7(Shorts foreground, Shorts background, Shorts alpha) noexcept {
    return background.sra<1>() + mul_q15(foreground.shl<7>() - background, alpha);
}

inline std::uint8_t blend_q7(int foreground, int background, int alpha) noexcept {
    const int mixed = (background >> 1) + mul_q15((foreground << 7) - background, alpha);
    return clamp_byte((mixed + 32) >> 6);
}

void blend(const std::uint8_t* foreground, const std::uint8_t* background,
           const std::int16_t* alpha, std::size_t n, std::uint8_t* out) noexcept {
    const Shorts half = Shorts::broadcast(32);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts f = Shorts::load_bytes(foreground + i);
        const Shorts b = Shorts::load_bytes(background + i).shl<7>();
        (blend_q7(f, b, Shorts::load(alpha + i)) + half).sra<6>().store_bytes(out + i);
    }
    for (; i < n; ++i) out[i] = blend_q7(foreground[i], background[i] << 7, alpha[i]);
}

// The same in linear light.  Few samples are a mixture, so most vectors are a copy.
void blend_linear(const std::uint8_t* foreground, const std::uint8_t* background,
                  const std::int16_t* alpha, std::size_t n, std::uint8_t* out) noexcept {
    const Shorts solid = Shorts::broadcast(opaque);
    const Floats unit = Floats::broadcast(alpha_unit), one = Floats::broadcast(1.0f);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts a = Shorts::load(alpha + i);
        if (a.is_zero()) {
            Shorts::load_bytes(background + i).store_bytes(out + i);
        } else if ((a - solid).is_zero()) {
            Shorts::load_bytes(foreground + i).store_bytes(out + i);
        } else {
            for (std::size_t at = i; at < i + Shorts::lanes; at += Floats::lanes) {
                const Floats w = unit * Floats::load_shorts(alpha + at);
                const Floats f = to_linear(Floats::load_bytes(foreground + at));
                const Floats b = to_linear(Floats::load_bytes(background + at));
                to_code(w * f + (one - w) * b).store_bytes(out + at);
            }
        }
    }
    for (; i < n; ++i) {
        const float w = alpha_unit * static_cast<float>(alpha[i]);
        const float f = to_linear(static_cast<float>(foreground[i]));
        const float b = to_linear(static_cast<float>(background[i]));
        out[i] = to_byte(to_code(w * f + (1.0f - w) * b));
    }
}

void spline_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                  const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t n,
                  std::uint8_t* out) noexcept {
    const Shorts t[4] = {Shorts::broadcast(taps[0]), Shorts::broadcast(taps[1]),
                         Shorts::broadcast(taps[2]), Shorts::broadcast(taps[3])};
    const Shorts half = Shorts::broadcast(32);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts f = Shorts::load_bytes(foreground + i);
        const Shorts mixed = blend_q7(f, spline_q7(rows, t, i), Shorts::load(alpha + i));
        (mixed + half).sra<6>().store_bytes(out + i);
    }
    for (; i < n; ++i) out[i] = blend_q7(foreground[i], spline_q7(rows, taps, i), alpha[i]);
}

void premultiply_background(const std::uint8_t* __restrict row,
                            const std::int16_t* __restrict alpha, std::size_t n,
                            float* __restrict colours, float* __restrict weights,
                            bool linear) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const float w = 1.0f - alpha_unit * static_cast<float>(alpha[i]);
        const float code = static_cast<float>(row[i]);
        weights[i] = w;
        colours[i] = w * (linear ? to_linear(code) : code);
    }
}

void attach_alpha(const std::uint8_t* __restrict rgb, const std::int16_t* __restrict alpha,
                  std::size_t width, std::uint8_t* __restrict rgba) noexcept {
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        rgba[4 * x + 3] = static_cast<std::uint8_t>((alpha[x] * 255 + 8192) >> 14);
    }
}

}  // namespace
