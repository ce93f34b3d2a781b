// Colour and alpha.  I = alpha F + (1 - alpha) B; alpha in Q14, so that 0 and 1 are exact.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/expand-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/reduce-inl.hpp"
#include "kernels/shuffle.hpp"
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

// Background as a row of bytes, with the interface of a spline.
struct ByteRow {
    const std::uint8_t* row;
    template <int Part>
    Shorts wide(std::size_t, std::size_t i) const noexcept {
        return Shorts::load_bytes(row + i).shl<7>();
    }
    int at(std::size_t, std::size_t i) const noexcept { return row[i] << 7; }
};

// Background as the sum of four rows.
template <typename Taps>
struct Spline {
    const std::int16_t* const* rows;
    Taps taps;
    template <int Part>
    Shorts wide(std::size_t x, std::size_t i) const noexcept {
        return spline_wide<Part>(rows, taps, x, i);
    }
    int at(std::size_t x, std::size_t i) const noexcept { return spline_at(rows, taps, x, i); }
};

template <int Part, typename Background>
inline void blend_codes_at(const std::uint8_t* foreground, const Background& background,
                           const std::int16_t* alpha, std::size_t x, std::uint8_t* out) noexcept {
    const std::size_t i = 3 * x + Part * Shorts::lanes;
    const Shorts mixed =
        blend_q7(Shorts::load_bytes(foreground + i), background.template wide<Part>(x, i),
                 Shorts::triple<Part>(alpha + x));
    (mixed + Shorts::broadcast(32)).template sra<6>().store_bytes(out + i);
}

template <typename Background>
inline void blend_codes(const std::uint8_t* foreground, const Background& background,
                        const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        blend_codes_at<0>(foreground, background, alpha, x, out);
        blend_codes_at<1>(foreground, background, alpha, x, out);
        blend_codes_at<2>(foreground, background, alpha, x, out);
    }
    for (std::size_t i = 3 * x; i < 3 * width; ++i)
        out[i] = blend_q7(foreground[i], background.at(i / 3, i), alpha[i / 3]);
}

void blend(const std::uint8_t* foreground, const std::uint8_t* background,
           const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    blend_codes(foreground, ByteRow{background}, alpha, width, out);
}

void spline_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                  const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t width,
                  std::uint8_t* out) noexcept {
    blend_codes(foreground, Spline<RowTaps>{rows, RowTaps(taps)}, alpha, width, out);
}

void spline_blend_mixed(const std::int16_t* const* rows, const std::int16_t* taps,
                        std::size_t stride, const std::uint8_t* foreground,
                        const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    blend_codes(foreground, Spline<PixelTaps>{rows, PixelTaps(taps, stride)}, alpha, width, out);
}

// The same in light, of which rows hold 0..1 as 0..32000: some room for rounding.
constexpr float light_unit = 1.0f / 32000.0f;

template <typename V>
inline V blend_light(V foreground, V background, V alpha) noexcept {
    return to_code(alpha * to_linear(foreground) + (broadcast<V>(1.0f) - alpha) * background);
}

template <int Part, typename Background>
inline void blend_light_at(const std::uint8_t* foreground, const Background& background,
                           const std::int16_t* alpha, bool plain, std::size_t x,
                           std::uint8_t* out) noexcept {
    const std::size_t i = 3 * x + Part * Shorts::lanes;
    const Floats unit = Floats::broadcast(light_unit), alphas = Floats::broadcast(alpha_unit);
    const Shorts b = background.template wide<Part>(x, i);
    const Floats light[2] = {b.low() * unit, b.high() * unit};
    if (plain) {
        for (std::size_t h = 0; h < 2; ++h)
            to_code(light[h]).store_bytes(out + i + h * Floats::lanes);
        return;
    }
    const Shorts a = Shorts::triple<Part>(alpha + x);
    const Floats weight[2] = {a.low() * alphas, a.high() * alphas};
    for (std::size_t h = 0; h < 2; ++h) {
        const std::size_t at = i + h * Floats::lanes;
        blend_light(Floats::load_bytes(foreground + at), light[h], weight[h]).store_bytes(out + at);
    }
}

template <typename Background>
inline void blend_lights(const std::uint8_t* foreground, const Background& background,
                         const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        const Kind kind = kind_of<1>(&alpha, x);
        if (kind == Kind::subject) {
            for (std::size_t i = 3 * x; i < 3 * (x + Shorts::lanes); i += Shorts::lanes)
                Shorts::load_bytes(foreground + i).store_bytes(out + i);
            continue;
        }
        const bool plain = kind == Kind::background;
        blend_light_at<0>(foreground, background, alpha, plain, x, out);
        blend_light_at<1>(foreground, background, alpha, plain, x, out);
        blend_light_at<2>(foreground, background, alpha, plain, x, out);
    }
    for (std::size_t i = 3 * x; i < 3 * width; ++i) {
        const float light = static_cast<float>(background.at(i / 3, i)) * light_unit;
        const float weight = alpha_unit * static_cast<float>(alpha[i / 3]);
        out[i] = to_byte(blend_light(static_cast<float>(foreground[i]), light, weight));
    }
}

void light_blend(const std::int16_t* const* rows, const std::int16_t* taps,
                 const std::uint8_t* foreground, const std::int16_t* alpha, std::size_t width,
                 std::uint8_t* out) noexcept {
    blend_lights(foreground, Spline<RowTaps>{rows, RowTaps(taps)}, alpha, width, out);
}

void light_blend_mixed(const std::int16_t* const* rows, const std::int16_t* taps,
                       std::size_t stride, const std::uint8_t* foreground,
                       const std::int16_t* alpha, std::size_t width, std::uint8_t* out) noexcept {
    blend_lights(foreground, Spline<PixelTaps>{rows, PixelTaps(taps, stride)}, alpha, width, out);
}

template <bool Linear, int Part>
inline void premultiply_at(const std::uint8_t* row, const std::int16_t* alpha, std::size_t x,
                           float* out) noexcept {
    const Floats one = Floats::broadcast(1.0f), unit = Floats::broadcast(alpha_unit);
    const Shorts a = Shorts::triple<Part>(alpha + x);
    const Floats weight[2] = {one - unit * a.low(), one - unit * a.high()};
    for (std::size_t h = 0; h < 2; ++h) {
        const std::size_t i = 3 * x + Part * Shorts::lanes + h * Floats::lanes;
        (weight[h] * sample<Linear>(Floats::load_bytes(row + i))).store(out + i);
    }
}

template <bool Linear>
inline void premultiply_as(const std::uint8_t* row, const std::int16_t* alpha, std::size_t width,
                           float* out) noexcept {
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        premultiply_at<Linear, 0>(row, alpha, x, out);
        premultiply_at<Linear, 1>(row, alpha, x, out);
        premultiply_at<Linear, 2>(row, alpha, x, out);
    }
    for (std::size_t i = 3 * x; i < 3 * width; ++i) {
        const float weight = 1.0f - alpha_unit * static_cast<float>(alpha[i / 3]);
        out[i] = weight * sample<Linear>(static_cast<float>(row[i]));
    }
}

void premultiply_background(const std::uint8_t* row, const std::int16_t* alpha, std::size_t width,
                            float* out, bool linear) noexcept {
    if (linear)
        premultiply_as<true>(row, alpha, width, out);
    else
        premultiply_as<false>(row, alpha, width, out);
}

void background_weights(const std::int16_t* __restrict alpha, std::size_t n,
                        float* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = 1.0f - alpha_unit * static_cast<float>(alpha[i]);
}

void attach_alpha(const std::uint8_t* rgb, const std::int16_t* alpha, std::size_t width,
                  std::uint8_t* rgba) noexcept {
    // (510 a + 2^14) >> 15 is a * 255 / 16384, rounded.
    constexpr std::int16_t to_bytes = 510;
    const Shorts scale = Shorts::broadcast(to_bytes);
    constexpr std::size_t group = Shorts::lanes > 16 ? Shorts::lanes : 16;
    std::size_t x = 0;
    // The shuffles read four bytes more than they use.
    for (; x + group + 2 <= width; x += group) {
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
