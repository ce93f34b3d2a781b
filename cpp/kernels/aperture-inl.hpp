// The blur by the shape of an aperture, on the grid.  The shape is symmetric up and down and has no
// gaps, so each of its columns is a span about the middle row.  Spans share their sums:
//
//     out(x)  =  sum over columns d of V_h(d)(x + d),     V_h  =  the sum of 2 h + 1 middle rows
//
// This takes about ten additions for each row of the shape, instead of one product for each of its
// samples.  A soft edge gives each column a few weighted heights (core/plan/aperture.hpp).
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec.hpp"

namespace {

inline void put(Floats v, float* out) noexcept {
    v.store(out);
}
inline void put(float v, float* out) noexcept {
    *out = v;
}

template <typename V>
inline void sum_columns_at(const float* const* rows, std::size_t radius, std::size_t i, float* sums,
                           std::size_t stride) noexcept {
    V sum = load<V>(rows[radius] + i);
    put(sum, sums + i);
    for (std::size_t h = 1; h <= radius; ++h) {
        sum = sum + (load<V>(rows[radius - h] + i) + load<V>(rows[radius + h] + i));
        put(sum, sums + h * stride + i);
    }
}

void sum_columns(const float* const* rows, std::size_t radius, std::size_t n, float* sums,
                 std::size_t stride) noexcept {
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        sum_columns_at<Floats>(rows, radius, i, sums, stride);
    for (; i < n; ++i) sum_columns_at<float>(rows, radius, i, sums, stride);
}

// `Count` vectors at once: their sums do not wait for one another.
template <typename V, std::size_t Count, std::size_t Lanes>
inline void gather_at(const float* samples, const std::int32_t* offsets, const float* weights,
                      std::size_t taps, float* out) noexcept {
    V sums[Count];
    for (std::size_t v = 0; v < Count; ++v) sums[v] = broadcast<V>(0.0f);
    for (std::size_t t = 0; t < taps; ++t) {
        const V weight = broadcast<V>(weights[t]);
        const float* from = samples + offsets[t];
        for (std::size_t v = 0; v < Count; ++v)
            sums[v] = sums[v] + weight * load<V>(from + v * Lanes);
    }
    for (std::size_t v = 0; v < Count; ++v) put(sums[v], out + v * Lanes);
}

void gather(const float* samples, const std::int32_t* offsets, const float* weights,
            std::size_t taps, std::size_t n, float* out) noexcept {
    constexpr std::size_t lanes = Floats::lanes;
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes)
        gather_at<Floats, 4, lanes>(samples + i, offsets, weights, taps, out + i);
    for (; i + lanes <= n; i += lanes)
        gather_at<Floats, 1, lanes>(samples + i, offsets, weights, taps, out + i);
    for (; i < n; ++i) gather_at<float, 1, 1>(samples + i, offsets, weights, taps, out + i);
}

}  // namespace
