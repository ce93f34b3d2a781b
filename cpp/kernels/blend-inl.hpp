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

template <typename Taps>
inline void spline_blend_with(const std::int16_t* const* rows, const Taps& taps,
                              const std::uint8_t* foreground, const std::int16_t* alpha,
                              std::size_t n, std::uint8_t* out) noexcept {
    const Shorts half = Shorts::broadcast(32);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts f = Shorts::load_bytes(foreground + i);
        const Shorts mixed = blend_q7(f, spline_wide(rows, taps, i), Shorts::load(alpha + i));
        (mixed + half).sra<6>().store_bytes(out + i);
    }
    for (; i < n; ++i) out[i] = blend_q7(foreground[i], spline_at(rows, taps, i), alpha[i]);
}

void spline_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                  const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t n,
                  std::uint8_t* out) noexcept {
    spline_blend_with(rows, RowTaps(taps), foreground, alpha, n, out);
}

void spline_blend_mixed(const std::int16_t* const* rows, const std::int16_t* const* taps,
                        const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t n,
                        std::uint8_t* out) noexcept {
    spline_blend_with(rows, SampleTaps{taps}, foreground, alpha, n, out);
}

// The same in light, of which rows hold 0..1 as 0..32000: some room for rounding.
constexpr float light_unit = 1.0f / 32000.0f;

template <typename V>
inline V blend_light(V foreground, V background, V alpha) noexcept {
    const V light = background * broadcast<V>(light_unit);
    return to_code(alpha * to_linear(foreground) + (broadcast<V>(1.0f) - alpha) * light);
}

template <typename Taps>
inline void light_blend_with(const std::int16_t* const* rows, const Taps& taps,
                             const std::uint8_t* foreground, const std::int16_t* alpha,
                             std::size_t n, std::uint8_t* out) noexcept {
    const Shorts solid = Shorts::broadcast(opaque);
    const Floats unit = Floats::broadcast(light_unit), alphas = Floats::broadcast(alpha_unit);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts a = Shorts::load(alpha + i);
        if ((a - solid).is_zero()) {
            Shorts::load_bytes(foreground + i).store_bytes(out + i);
            continue;
        }
        const Shorts b = spline_wide(rows, taps, i);
        const Floats background[2] = {b.low(), b.high()};
        for (std::size_t h = 0; h < 2; ++h) {
            const std::size_t at = i + h * Floats::lanes;
            if (a.is_zero()) {
                to_code(background[h] * unit).store_bytes(out + at);
            } else {
                const Floats f = Floats::load_bytes(foreground + at);
                blend_light(f, background[h], alphas * Floats::load_shorts(alpha + at))
                    .store_bytes(out + at);
            }
        }
    }
    for (; i < n; ++i) {
        const auto background = static_cast<float>(spline_at(rows, taps, i));
        if (alpha[i] == opaque)
            out[i] = foreground[i];
        else if (alpha[i] == 0)
            out[i] = to_byte(to_code(background * light_unit));
        else
            out[i] = to_byte(blend_light(static_cast<float>(foreground[i]), background,
                                         alpha_unit * static_cast<float>(alpha[i])));
    }
}

void light_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                 const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t n,
                 std::uint8_t* out) noexcept {
    light_blend_with(rows, RowTaps(taps), foreground, alpha, n, out);
}

void light_blend_mixed(const std::int16_t* const* rows, const std::int16_t* const* taps,
                       const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t n,
                       std::uint8_t* out) noexcept {
    light_blend_with(rows, SampleTaps{taps}, foreground, alpha, n, out);
}

void premultiply_background(const std::uint8_t* __restrict row,
                            const std::int16_t* __restrict alpha, std::size_t n,
                            float* __restrict out, bool linear) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const float weight = 1.0f - alpha_unit * static_cast<float>(alpha[i]);
        const float code = static_cast<float>(row[i]);
        out[i] = weight * (linear ? to_linear(code) : code);
    }
}

void background_weights(const std::int16_t* __restrict alpha, std::size_t n,
                        float* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = 1.0f - alpha_unit * static_cast<float>(alpha[i]);
}

void attach_alpha(const std::uint8_t* __restrict rgb, const std::int16_t* __restrict alpha,
                  std::size_t width, std::uint8_t* __restrict rgba) noexcept {
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        rgba[4 * x + 3] = static_cast<std::uint8_t>((alpha[x] * 255 + 8192) >> 14);
    }
}

}  // namespace
