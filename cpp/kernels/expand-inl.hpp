// The way up: cubic B-spline interpolation, along the row and then down the columns.
//
// Rows between the two are 16-bit integers of 1/128 where the picture has 8 bits: half the memory
// of floats, twice the samples per instruction, and .01 of a level of rounding.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

inline void put(Eight v, float* out) noexcept {
    v.store(out);
}
inline void put(Eight v, std::int16_t* out) noexcept {
    v.store_q7(out);
}

template <std::size_t Step, typename Out>
inline Eight expand_eight(const float* row, const float* taps, std::size_t period, std::size_t i,
                          std::size_t step) noexcept {
    const float* cell = row + i / step;
    const float* t = taps + i % period;
    return ((Eight::load(t) * Eight::spread<Step>(cell) +
             Eight::load(t + period) * Eight::spread<Step>(cell + 1)) +
            Eight::load(t + 2 * period) * Eight::spread<Step>(cell + 2)) +
           Eight::load(t + 3 * period) * Eight::spread<Step>(cell + 3);
}

template <std::size_t Step, typename Out>
void expand_by(const float* row, const float* taps, std::size_t step, std::size_t n,
               Out* out) noexcept {
    const std::size_t period = step < 8 ? 8 : step;
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) put(expand_eight<Step, Out>(row, taps, period, i, step), out + i);
    if (i < n) {
        Out last[8];
        put(expand_eight<Step, Out>(row, taps, period, i, step), last);
        for (std::size_t k = 0; i < n; ++i, ++k) out[i] = last[k];
    }
}

template <typename Out>
void expand_any(const float* row, const float* taps, std::size_t step, std::size_t n,
                Out* out) noexcept {
    switch (step) {
        case 2: return expand_by<2>(row, taps, 2, n, out);
        case 4: return expand_by<4>(row, taps, 4, n, out);
        case 8: return expand_by<8>(row, taps, 8, n, out);
        default: return expand_by<8>(row, taps, step, n, out);
    }
}

void expand(const float* row, const float* taps, std::size_t step, std::size_t n,
            float* out) noexcept {
    expand_any(row, taps, step, n, out);
}

void expand_q7(const float* row, const float* taps, std::size_t step, std::size_t n,
               std::int16_t* out) noexcept {
    expand_any(row, taps, step, n, out);
}

void to_q7(const float* row, std::size_t n, std::int16_t* out) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) Eight::load(row + i).store_q7(out + i);
    for (; i < n; ++i)
        out[i] = static_cast<std::int16_t>(static_cast<std::int32_t>(row[i] * 128.0f + 0.5f));
}

// ---- Four rows of 16-bit integers with Q15 taps, alike for the whole row or each pixel its own.

struct RowTaps {
    Shorts wide[4];
    int narrow[4];
    explicit RowTaps(const std::int16_t* taps) noexcept {
        for (int k = 0; k < 4; ++k) {
            wide[k] = Shorts::broadcast(taps[k]);
            narrow[k] = taps[k];
        }
    }
    template <int Part>
    Shorts wide_at(int k, std::size_t) const noexcept {
        return wide[k];
    }
    int at(int k, std::size_t) const noexcept { return narrow[k]; }
};

struct PixelTaps {
    const std::int16_t* taps[4];
    PixelTaps(const std::int16_t* first, std::size_t stride) noexcept {
        for (std::size_t k = 0; k < 4; ++k) taps[k] = first + k * stride;
    }
    template <int Part>
    Shorts wide_at(int k, std::size_t x) const noexcept {
        return Shorts::triple<Part>(taps[k] + x);
    }
    int at(int k, std::size_t x) const noexcept { return taps[k][x]; }
};

// A vector of samples from i on, `Part` of the three that belong to the pixels from x on.
template <int Part, typename Taps>
inline Shorts spline_wide(const std::int16_t* const* rows, const Taps& taps, std::size_t x,
                          std::size_t i) noexcept {
    return (mul_q15(Shorts::load(rows[0] + i), taps.template wide_at<Part>(0, x)) +
            mul_q15(Shorts::load(rows[1] + i), taps.template wide_at<Part>(1, x))) +
           (mul_q15(Shorts::load(rows[2] + i), taps.template wide_at<Part>(2, x)) +
            mul_q15(Shorts::load(rows[3] + i), taps.template wide_at<Part>(3, x)));
}

// Sample i, of pixel x.
template <typename Taps>
inline int spline_at(const std::int16_t* const* rows, const Taps& taps, std::size_t x,
                     std::size_t i) noexcept {
    return (mul_q15(rows[0][i], taps.at(0, x)) + mul_q15(rows[1][i], taps.at(1, x))) +
           (mul_q15(rows[2][i], taps.at(2, x)) + mul_q15(rows[3][i], taps.at(3, x)));
}

void spline_bytes(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t n,
                  std::uint8_t* out) noexcept {
    const RowTaps t(taps);
    const Shorts half = Shorts::broadcast(64);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes)
        (spline_wide<0>(rows, t, 0, i) + half).sra<7>().store_bytes(out + i);
    for (; i < n; ++i) out[i] = clamp_byte((spline_at(rows, t, 0, i) + 64) >> 7);
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

// ---- Normalised colours.  A row keeps C_k / W_k in 16 bits and W_k beside it; the quotient of the
// two interpolations is then the mean of the C_k / W_k with weights t_k W_k:
//
//     sum t_k C_k / sum t_k W_k  =  sum [t_k W_k / sum t_j W_j] (C_k / W_k)
//
// Where the W_k are alike they cancel, and what is left are the taps t_k.

// Every tap is positive, so a pixel with alpha < 1 has a positive weight of its own; where the
// weight is 0 alpha is 1 and the background does not count.  The floor only keeps 0 / 0 out.
constexpr float least_weight = 1e-30f;

inline void put_short(Floats v, std::int16_t* out) noexcept {
    v.store_shorts(out);
}
inline void put_short(float v, std::int16_t* out) noexcept {
    *out = static_cast<std::int16_t>(static_cast<std::int32_t>(v + 0.5f));
}

// scale / v, and no more than a 16-bit integer holds once multiplied.
template <typename V>
inline V share_of(float scale, V v) noexcept {
    const V least = broadcast<V>(least_weight);
    return broadcast<V>(scale) / select_less(v, least, least, v);
}
template <typename V>
inline V fitting(V v) noexcept {
    const V largest = broadcast<V>(32767.0f);
    return select_less(v, largest, v, largest);
}

template <typename V>
inline void normalise_at(const float* planes, std::size_t stride, std::size_t x, float scale,
                         std::int16_t* out) noexcept {
    const V factor = share_of(scale, load<V>(planes + 3 * stride + x));
    for (std::size_t c = 0; c < 3; ++c)
        put_short(fitting(load<V>(planes + c * stride + x) * factor), out + c * stride + x);
}

void normalise(const float* planes, std::size_t stride, std::size_t width, float scale,
               std::int16_t* out) noexcept {
    std::size_t x = 0;
    for (; x + Floats::lanes <= width; x += Floats::lanes)
        normalise_at<Floats>(planes, stride, x, scale, out);
    for (; x < width; ++x) normalise_at<float>(planes, stride, x, scale, out);
}

template <typename V>
inline void mix_taps_at(const float* const* weights, const float* taps, std::size_t x,
                        std::int16_t* out, std::size_t stride) noexcept {
    V share[4];
    for (std::size_t k = 0; k < 4; ++k) share[k] = broadcast<V>(taps[k]) * load<V>(weights[k] + x);
    const V factor = share_of(32768.0f, ((share[0] + share[1]) + share[2]) + share[3]);
    for (std::size_t k = 0; k < 4; ++k) put_short(fitting(share[k] * factor), out + k * stride + x);
}

void mix_taps(const float* const* weights, const float* taps, std::size_t width, std::int16_t* out,
              std::size_t stride) noexcept {
    std::size_t x = 0;
    for (; x + Floats::lanes <= width; x += Floats::lanes)
        mix_taps_at<Floats>(weights, taps, x, out, stride);
    for (; x < width; ++x) mix_taps_at<float>(weights, taps, x, out, stride);
}

}  // namespace
