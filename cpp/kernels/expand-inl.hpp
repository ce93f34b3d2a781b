// The way up: cubic B-spline interpolation, along the row and then down the columns.
//
// Rows between the two are 16-bit integers of 1/128 where the picture has 8 bits: half the memory
// of floats, twice the samples per instruction, and .01 of a level of rounding.
#pragma once

#include "kernels/convert-inl.hpp"
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
inline V spline_plane(const float* const* rows, const float* taps, std::size_t at) noexcept;

template <>
inline Floats spline_plane<Floats>(const float* const* rows, const float* taps,
                                   std::size_t at) noexcept {
    return ((Floats::broadcast(taps[0]) * Floats::load(rows[0] + at) +
             Floats::broadcast(taps[1]) * Floats::load(rows[1] + at)) +
            Floats::broadcast(taps[2]) * Floats::load(rows[2] + at)) +
           Floats::broadcast(taps[3]) * Floats::load(rows[3] + at);
}

template <>
inline float spline_plane<float>(const float* const* rows, const float* taps,
                                 std::size_t at) noexcept {
    return ((taps[0] * rows[0][at] + taps[1] * rows[1][at]) + taps[2] * rows[2][at]) +
           taps[3] * rows[3][at];
}

void spline_normalised(const float* const* rows, const float* taps, std::size_t stride,
                       std::size_t width, std::uint8_t* out, std::size_t out_stride) noexcept {
    const Floats one = Floats::broadcast(1.0f), least = Floats::broadcast(least_weight);
    std::size_t x = 0;
    for (; x + Floats::lanes <= width; x += Floats::lanes) {
        const Floats weight = spline_plane<Floats>(rows, taps, 3 * stride + x);
        const Floats scale = one / max(weight, least);
        for (std::size_t c = 0; c < 3; ++c)
            (spline_plane<Floats>(rows, taps, c * stride + x) * scale)
                .store_bytes(out + c * out_stride + x);
    }
    for (; x < width; ++x) {
        const float weight = spline_plane<float>(rows, taps, 3 * stride + x);
        const float scale = 1.0f / (weight > least_weight ? weight : least_weight);
        for (std::size_t c = 0; c < 3; ++c)
            out[c * out_stride + x] =
                to_byte(spline_plane<float>(rows, taps, c * stride + x) * scale);
    }
}

}  // namespace
