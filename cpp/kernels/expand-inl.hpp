// From the grid back to all samples: cubic B-spline interpolation, along the row and then down the
// columns.
//
// Rows of 8-bit images are flat 16-bit integers in centred Q7.  Floats would need twice the memory
// and twice the instructions.  The rounding costs .01 of a level.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/vec/vec.hpp"
#include "kernels/vec/vec_spread.hpp"

namespace {

// ---- Along a planar row of floats, eight at a time.

template <std::size_t Step>
inline Eight expand_eight(const float* row, const float* taps, std::size_t period, std::size_t i,
                          std::size_t step) noexcept {
    const float* cell = row + i / step;
    const float* t = taps + i % period;
    return ((Eight::load(t) * Eight::spread<Step>(cell) +
             Eight::load(t + period) * Eight::spread<Step>(cell + 1)) +
            Eight::load(t + 2 * period) * Eight::spread<Step>(cell + 2)) +
           Eight::load(t + 3 * period) * Eight::spread<Step>(cell + 3);
}

template <std::size_t Step>
void expand_by(const float* row, const float* taps, std::size_t step, std::size_t n,
               float* out) noexcept {
    const std::size_t period = step < 8 ? 8 : step;
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) expand_eight<Step>(row, taps, period, i, step).store(out + i);
    if (i < n) {
        float last[8];
        expand_eight<Step>(row, taps, period, i, step).store(last);
        for (std::size_t k = 0; i < n; ++i, ++k) out[i] = last[k];
    }
}

void expand(const float* row, const float* taps, std::size_t step, std::size_t n,
            float* out) noexcept {
    switch (step) {
        case 2: return expand_by<2>(row, taps, 2, n, out);
        case 4: return expand_by<4>(row, taps, 4, n, out);
        case 8: return expand_by<8>(row, taps, 8, n, out);
        default: return expand_by<8>(row, taps, step, n, out);
    }
}

// ---- Along a flat row of 16-bit integers, 32 pixels at a time.

// Vector `Part` of a group whose first grid sample is `grid`; each tap has `stride` samples.
template <int Step, int Channels, int Part>
DEFOCUS_INLINE Shorts expand_product(const std::int16_t* grid, const std::int16_t* taps,
                                     std::size_t stride, std::size_t k) noexcept {
    return mul_q15(spread<Step, Channels, Part>(grid + k * Channels),
                   Shorts::load(taps + k * stride + Part * Shorts::lanes));
}

template <int Step, int Channels, int Part>
DEFOCUS_INLINE void expand_part(const std::int16_t* grid, const std::int16_t* taps,
                                std::size_t stride, std::int16_t* out) noexcept {
    const Shorts a = expand_product<Step, Channels, Part>(grid, taps, stride, 0);
    const Shorts b = expand_product<Step, Channels, Part>(grid, taps, stride, 1);
    const Shorts c = expand_product<Step, Channels, Part>(grid, taps, stride, 2);
    const Shorts d = expand_product<Step, Channels, Part>(grid, taps, stride, 3);
    ((a + b) + (c + d)).store(out + Part * Shorts::lanes);
}

// All vectors of a group, from `Part` on.
template <int Step, int Channels, int Part = 0>
DEFOCUS_INLINE void expand_group(const std::int16_t* grid, const std::int16_t* taps,
                                 std::size_t stride, std::int16_t* out) noexcept {
    if constexpr (Part * Shorts::lanes < spread_pixels * Channels) {
        expand_part<Step, Channels, Part>(grid, taps, stride, out);
        expand_group<Step, Channels, Part + 1>(grid, taps, stride, out);
    }
}

template <int Step, int Channels>
void expand_q7_by(const std::int16_t* grid, const std::int16_t* taps, std::size_t step,
                  std::size_t width, std::int16_t* out) noexcept {
    constexpr std::size_t group = spread_pixels * Channels;
    const std::size_t period = step < spread_pixels ? spread_pixels : step;
    for (std::size_t x = 0; x < width; x += spread_pixels) {
        const std::size_t first = step > spread_pixels ? x + step / 2 : x;
        const std::int16_t* cell = grid + first / step * Channels;
        const std::int16_t* phase = taps + x % period * Channels;
        std::int16_t* to = out + x * Channels;
        if (x + spread_pixels <= width) {
            expand_group<Step, Channels>(cell, phase, period * Channels, to);
        } else {
            std::int16_t last[group];
            expand_group<Step, Channels>(cell, phase, period * Channels, last);
            for (std::size_t i = 0; i < (width - x) * Channels; ++i) to[i] = last[i];
        }
    }
}

template <int Channels>
void expand_q7_of(const std::int16_t* grid, const std::int16_t* taps, std::size_t step,
                  std::size_t width, std::int16_t* out) noexcept {
    switch (step) {
        case 2: return expand_q7_by<2, Channels>(grid, taps, step, width, out);
        case 4: return expand_q7_by<4, Channels>(grid, taps, step, width, out);
        case 8: return expand_q7_by<8, Channels>(grid, taps, step, width, out);
        case 16: return expand_q7_by<16, Channels>(grid, taps, step, width, out);
        case 32: return expand_q7_by<32, Channels>(grid, taps, step, width, out);
        default: return expand_q7_by<one_grid_pixel, Channels>(grid, taps, step, width, out);
    }
}

void expand_q7(const std::int16_t* grid, const std::int16_t* taps, std::size_t step,
               std::size_t channels, std::size_t width, std::int16_t* out) noexcept {
    switch (channels) {
        case 1: return expand_q7_of<1>(grid, taps, step, width, out);
        case 3: return expand_q7_of<3>(grid, taps, step, width, out);
        default: return expand_q7_of<4>(grid, taps, step, width, out);
    }
}

// ---- Down the columns: four rows of 16-bit integers with Q15 taps.

struct Spline {
    const std::int16_t* rows[4];
    Shorts taps[4];
    int narrow_taps[4];

    Spline(const std::int16_t* const* from, const std::int16_t* with) noexcept {
        for (int k = 0; k < 4; ++k) {
            rows[k] = from[k];
            taps[k] = Shorts::broadcast(with[k]);
            narrow_taps[k] = with[k];
        }
    }
    DEFOCUS_INLINE Shorts wide(std::size_t i) const noexcept {
        return (mul_q15(Shorts::load(rows[0] + i), taps[0]) +
                mul_q15(Shorts::load(rows[1] + i), taps[1])) +
               (mul_q15(Shorts::load(rows[2] + i), taps[2]) +
                mul_q15(Shorts::load(rows[3] + i), taps[3]));
    }
    DEFOCUS_INLINE int at(std::size_t i) const noexcept {
        return (mul_q15(rows[0][i], narrow_taps[0]) + mul_q15(rows[1][i], narrow_taps[1])) +
               (mul_q15(rows[2][i], narrow_taps[2]) + mul_q15(rows[3][i], narrow_taps[3]));
    }
};

// Centred Q7, rounded to bytes.
inline void put_bytes(Shorts q7, std::uint8_t* out) noexcept {
    add_clamped(q7, Shorts::broadcast(q7_centre + 64)).sra<7>().store_bytes(out);
}
inline std::uint8_t byte_of(int q7) noexcept {
    return clamp_byte((q7 + q7_centre + 64) >> 7);
}

void spline_bytes(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t n,
                  std::uint8_t* out) noexcept {
    const Spline sum(rows, taps);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) put_bytes(sum.wide(i), out + i);
    for (; i < n; ++i) out[i] = byte_of(sum.at(i));
}

// ---- Four rows of floats.

template <typename V>
inline V spline_of(const float* const* rows, const float* taps, std::size_t at) noexcept {
    return ((broadcast<V>(taps[0]) * load<V>(rows[0] + at) +
             broadcast<V>(taps[1]) * load<V>(rows[1] + at)) +
            broadcast<V>(taps[2]) * load<V>(rows[2] + at)) +
           broadcast<V>(taps[3]) * load<V>(rows[3] + at);
}

void spline_floats(const float* const* rows, const float* taps, std::size_t n,
                   float* out) noexcept {
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        spline_of<Floats>(rows, taps, i).store(out + i);
    for (; i < n; ++i) out[i] = spline_of<float>(rows, taps, i);
}

// ---- From the blurred background (sums of colours, sum of weights) to sRGB values.

// The minimum avoids 0 / 0: where all weights are 0, alpha is 1 and the background does not count.
constexpr float least_weight = 1e-30f;

template <bool Linear, typename V>
inline V value_of_share(V colour, V weight) noexcept {
    const V least = broadcast<V>(least_weight), one = broadcast<V>(1.0f);
    V share = colour / select_less(weight, least, least, weight);
    share = select_less(share, one, share, one);
    if constexpr (Linear)
        return to_srgb(share);
    else
        return share * broadcast<V>(255.0f);
}

template <bool Linear>
inline void normalise_as(const float* planes, std::size_t stride, std::size_t width,
                         float* out) noexcept {
    const float* weights = planes + 3 * stride;
    for (std::size_t c = 0; c < 3; ++c) {
        const float* colours = planes + c * stride;
        float* to = out + c * stride;
        std::size_t x = 0;
        for (; x + Floats::lanes <= width; x += Floats::lanes)
            value_of_share<Linear>(Floats::load(colours + x), Floats::load(weights + x))
                .store(to + x);
        for (; x < width; ++x) to[x] = value_of_share<Linear>(colours[x], weights[x]);
    }
}

void normalise(const float* planes, std::size_t stride, std::size_t width, bool linear,
               float* out) noexcept {
    if (linear)
        normalise_as<true>(planes, stride, width, out);
    else
        normalise_as<false>(planes, stride, width, out);
}

// Spline coefficients may lie a little outside 0 .. 255.
constexpr float least_value = -60.0f, largest_value = 315.0f;

template <typename V>
inline V q7_of(V value) noexcept {
    const V least = broadcast<V>(least_value), largest = broadcast<V>(largest_value);
    value = select_less(value, least, least, select_less(value, largest, value, largest));
    return (value - broadcast<V>(127.5f)) * broadcast<V>(128.0f);
}

void to_q7(const float* row, std::size_t n, std::int16_t* out) noexcept {
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        q7_of(Floats::load(row + i)).store_signed(out + i);
    for (; i < n; ++i)
        out[i] =
            static_cast<std::int16_t>(static_cast<std::int32_t>(q7_of(row[i]) + 32768.5f) - 32768);
}

}  // namespace
