// I = alpha F + (1 - alpha) B, with alpha in Q14, where 0 and 1 are exact.  If a whole vector of
// pixels has alpha 0 or alpha 1, only one of the colours is read.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/reduce-inl.hpp"
#include "kernels/vec/shuffle.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// ---- Blend of sRGB values.  The product of the difference and alpha is in Q6.  alpha = 1 gives
// exactly F, also if the Q7 of B is odd: both halves round to the same side.

template <typename V>
inline V clamp_q7(V q7) noexcept {
    return maximum(minimum(q7, whole<V>(q7_centre)), whole<V>(-q7_centre));
}

inline Shorts mix(Shorts foreground, Shorts background, Shorts alpha) noexcept {
    const Shorts b = clamp_q7(background);
    const Shorts f = foreground.shl<7>() - Shorts::broadcast(q7_centre);
    const Shorts mixed = b.sra<1>() + mul_q15(f - b, alpha);
    return (mixed + Shorts::broadcast(q7_centre / 2 + 32)).sra<6>();
}
inline int mix(int foreground, int background, int alpha) noexcept {
    const int b = clamp_q7(background);
    const int mixed = (b >> 1) + mul_q15((foreground << 7) - q7_centre - b, alpha);
    return (mixed + q7_centre / 2 + 32) >> 6;
}

struct Srgb {
    static void put(Shorts foreground, Shorts background, Shorts alpha,
                    std::uint8_t* out) noexcept {
        mix(foreground, background, alpha).store_bytes(out);
    }
    static std::uint8_t at(int foreground, int background, int alpha) noexcept {
        return clamp_byte(mix(foreground, background, alpha));
    }
};

// ---- Blend of linear light.

// Decoded and mixed in 16 bits, with light 0..1 as 0..32640, and encoded in floats.  The error is
// at most a tenth of an 8-bit step.  alpha = 1 keeps the light of the foreground.  A pixel with
// alpha 0 keeps the background's 8-bit value, whether or not it shares a vector with others.

constexpr float light_unit = 1.0f / q7_white;

template <typename V>
inline V mix_light(V foreground, V background, V alpha) noexcept {
    const V light = to_linear_q7(background);
    const V difference = to_linear_q7(foreground) - light;
    const V mixed = light + mul_q15(difference, add_clamped(alpha, alpha));
    return select_less(alpha, whole<V>(opaque), mixed, light + difference);
}

struct Light {
    static void put(Shorts foreground, Shorts background, Shorts alpha,
                    std::uint8_t* out) noexcept {
        // Of the three vectors that belong to one vector of pixels, often only one is mixed.
        if (alpha.is_zero()) return put_bytes(background, out);
        const Floats unit = Floats::broadcast(light_unit), q7 = Floats::broadcast(1.0f / 128.0f);
        const Floats none = Floats::broadcast(0.0f);
        const Shorts b = clamp_q7(background) + Shorts::broadcast(q7_centre);
        const Shorts light = mix_light(foreground.shl<7>(), b, alpha);
        select_less(none, alpha.low(), to_srgb(light.low() * unit), b.low() * q7).store_bytes(out);
        select_less(none, alpha.high(), to_srgb(light.high() * unit), b.high() * q7)
            .store_bytes(out + Floats::lanes);
    }
    static std::uint8_t at(int foreground, int background, int alpha) noexcept {
        if (alpha == 0) return byte_of(background);
        const int b = clamp_q7(background) + q7_centre;
        const auto light = static_cast<float>(mix_light(foreground << 7, b, alpha));
        return to_byte(to_srgb(light * light_unit));
    }
};

// ---- A background of bytes, with the interface of a Spline.

struct ByteRow {
    const std::uint8_t* row;
    Shorts wide(std::size_t i) const noexcept {
        return Shorts::load_bytes(row + i).shl<7>() - Shorts::broadcast(q7_centre);
    }
    int at(std::size_t i) const noexcept { return (row[i] << 7) - q7_centre; }
};

template <std::size_t Count>
inline void copy_bytes(const std::uint8_t* from, std::uint8_t* to) noexcept {
    for (std::size_t i = 0; i < Count; ++i) to[i] = from[i];
}

// `Part` of the three vectors of samples that belong to the pixels from x on.
template <typename Mix, int Part, typename Background>
DEFOCUS_INLINE void blend_at(const std::uint8_t* foreground, const Background& background,
                             const std::int16_t* alpha, std::size_t x, std::uint8_t* out) noexcept {
    const std::size_t i = 3 * x + Part * Shorts::lanes;
    Mix::put(Shorts::load_bytes(foreground + i), background.wide(i),
             Shorts::triple<Part>(alpha + x), out + i);
}

template <typename Mix, typename Background>
inline void blend_row(const std::uint8_t* foreground, const Background& background,
                      const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    constexpr std::size_t samples = 3 * Shorts::lanes;
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        const std::size_t first = 3 * x;
        switch (kind_of(alpha + x)) {
            case Kind::subject: copy_bytes<samples>(foreground + first, out + first); break;
            case Kind::background:
                for (std::size_t i = first; i < first + samples; i += Shorts::lanes)
                    put_bytes(background.wide(i), out + i);
                break;
            case Kind::mixed:
                blend_at<Mix, 0>(foreground, background, alpha, x, out);
                blend_at<Mix, 1>(foreground, background, alpha, x, out);
                blend_at<Mix, 2>(foreground, background, alpha, x, out);
        }
    }
    for (; x < width; ++x)
        for (std::size_t i = 3 * x; i < 3 * x + 3; ++i)
            out[i] = Mix::at(foreground[i], background.at(i), alpha[x]);
}

void blend(const std::uint8_t* foreground, const std::uint8_t* background,
           const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    blend_row<Srgb>(foreground, ByteRow{background}, alpha, width, out);
}

void spline_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                  const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t width,
                  bool linear, std::uint8_t* out) noexcept {
    const Spline background(rows, taps);
    if (linear)
        blend_row<Light>(foreground, background, alpha, width, out);
    else
        blend_row<Srgb>(foreground, background, alpha, width, out);
}

void attach_alpha(const std::uint8_t* rgb, const std::int16_t* alpha, std::size_t width,
                  std::uint8_t* rgba) noexcept {
    // (510 a + 2^14) >> 15 is a * 255 / 16384, rounded.
    constexpr std::int16_t to_bytes = 510;
    const Shorts scale = Shorts::broadcast(to_bytes);
    constexpr std::size_t group = Shorts::lanes > 16 ? Shorts::lanes : 16;
    std::size_t x = 0;
    for (; x + group <= width; x += group) {
        std::uint8_t bytes[group];
        for (std::size_t i = 0; i < group; i += Shorts::lanes)
            mul_q15(Shorts::load(alpha + x + i), scale).store_bytes(bytes + i);
        for (std::size_t i = 0; i < group; i += 16)
            attach_sixteen(rgb + 3 * (x + i), bytes + i, rgba + 4 * (x + i));
    }
    for (; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        rgba[4 * x + 3] = static_cast<std::uint8_t>(mul_q15(static_cast<int>(alpha[x]), to_bytes));
    }
}

}  // namespace
