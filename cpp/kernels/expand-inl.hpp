// The way up: cubic B-spline interpolation, along the row and then down the columns.
//
// Rows between the two are 16-bit integers of 1/128 where the picture has 8 bits: half the memory
// of floats, twice the samples per instruction, and .01 of a level of rounding.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
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

// The sum of four rows in Q7 with Q15 taps.
inline Shorts spline_q7(const std::int16_t* const* rows, const Shorts* taps,
                        std::size_t i) noexcept {
    return (mul_q15(Shorts::load(rows[0] + i), taps[0]) +
            mul_q15(Shorts::load(rows[1] + i), taps[1])) +
           (mul_q15(Shorts::load(rows[2] + i), taps[2]) +
            mul_q15(Shorts::load(rows[3] + i), taps[3]));
}

inline int spline_q7(const std::int16_t* const* rows, const std::int16_t* taps,
                     std::size_t i) noexcept {
    return (mul_q15(rows[0][i], taps[0]) + mul_q15(rows[1][i], taps[1])) +
           (mul_q15(rows[2][i], taps[2]) + mul_q15(rows[3][i], taps[3]));
}

void spline_bytes(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t n,
                  std::uint8_t* out) noexcept {
    const Shorts t[4] = {Shorts::broadcast(taps[0]), Shorts::broadcast(taps[1]),
                         Shorts::broadcast(taps[2]), Shorts::broadcast(taps[3])};
    const Shorts half = Shorts::broadcast(64);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes)
        (spline_q7(rows, t, i) + half).sra<7>().store_bytes(out + i);
    for (; i < n; ++i) out[i] = clamp_byte((spline_q7(rows, taps, i) + 64) >> 7);
}

// Every tap is positive, so a pixel with alpha < 1 has a positive weight of its own; where the
// weight is 0 alpha is 1 and the background does not count.  The floor only keeps 0 / 0 out.
constexpr float least_weight = 1e-30f;

template <typename V>
inline V spline_at(const float* const* rows, const float* taps, std::size_t at) noexcept {
    return ((broadcast<V>(taps[0]) * load<V>(rows[0] + at) +
             broadcast<V>(taps[1]) * load<V>(rows[1] + at)) +
            broadcast<V>(taps[2]) * load<V>(rows[2] + at)) +
           broadcast<V>(taps[3]) * load<V>(rows[3] + at);
}

void spline_floats(const float* const* rows, const float* taps, std::size_t n,
                   float* out) noexcept {
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        spline_at<Floats>(rows, taps, i).store(out + i);
    for (; i < n; ++i) out[i] = spline_at<float>(rows, taps, i);
}

inline void put_byte(Floats v, std::uint8_t* out) noexcept {
    v.store_bytes(out);
}
inline void put_byte(float v, std::uint8_t* out) noexcept {
    *out = to_byte(v);
}

template <typename V, bool Linear>
inline void normalised_at(const float* const* rows, const float* taps, std::size_t stride,
                          std::size_t x, std::uint8_t* out, std::size_t out_stride) noexcept {
    const V least = broadcast<V>(least_weight);
    const V weight = spline_at<V>(rows, taps, 3 * stride + x);
    const V scale = broadcast<V>(1.0f) / select_less(weight, least, least, weight);
    for (std::size_t c = 0; c < 3; ++c) {
        const V colour = spline_at<V>(rows, taps, c * stride + x) * scale;
        if constexpr (Linear)
            put_byte(to_code(colour), out + c * out_stride + x);
        else
            put_byte(colour, out + c * out_stride + x);
    }
}

template <bool Linear>
void spline_normalised_as(const float* const* rows, const float* taps, std::size_t stride,
                          const std::int16_t* alpha, std::size_t width, std::uint8_t* out,
                          std::size_t out_stride) noexcept {
    const Shorts solid = Shorts::broadcast(16384);
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        // Behind a solid subject nobody sees the background.
        const std::int16_t* a = alpha + 3 * x;
        const Shorts all =
            Shorts::load(a) & Shorts::load(a + Shorts::lanes) & Shorts::load(a + 2 * Shorts::lanes);
        if ((all - solid).is_zero()) continue;
        normalised_at<Floats, Linear>(rows, taps, stride, x, out, out_stride);
        normalised_at<Floats, Linear>(rows, taps, stride, x + Floats::lanes, out, out_stride);
    }
    for (; x < width; ++x) normalised_at<float, Linear>(rows, taps, stride, x, out, out_stride);
}

void spline_normalised(const float* const* rows, const float* taps, std::size_t stride,
                       const std::int16_t* alpha, std::size_t width, std::uint8_t* out,
                       std::size_t out_stride, bool linear) noexcept {
    if (linear)
        spline_normalised_as<true>(rows, taps, stride, alpha, width, out, out_stride);
    else
        spline_normalised_as<false>(rows, taps, stride, alpha, width, out, out_stride);
}

}  // namespace
