// Bilinear interpolation of a small mask, a row at a time: first along the rows of the mask, then
// between two of them.  Indices and weights come from core/plan/bilinear.hpp.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec.hpp"
#include "kernels/vec/vec_spread.hpp"

namespace {

void lerp_columns(const float* row, const std::int32_t* starts, std::size_t cells, const float* t,
                  std::size_t n, float* out) noexcept {
    // Eight at a time, beyond the end of the cell: the next cell overwrites the samples that are
    // its own.
    for (std::size_t m = 0; m < cells; ++m) {
        auto x = static_cast<std::size_t>(starts[m]);
        const auto end = static_cast<std::size_t>(starts[m + 1]);
        const float from = row[m], step = row[m + 1] - row[m];
        for (; x < end && x + 8 <= n; x += 8)
            (Eight::broadcast(from) + Eight::load(t + x) * Eight::broadcast(step)).store(out + x);
        for (; x < end; ++x) out[x] = from + t[x] * step;
    }
}

// The values of one cell at the height of a row, and some of the next cell.
template <std::size_t Planes>
inline Eight node(const float* upper, const float* lower, Eight t, std::size_t m) noexcept {
    const Eight a = Eight::load(upper + Planes * m);
    return a + t * (Eight::load(lower + Planes * m) - a);
}

template <std::size_t Planes>
inline void lerp_planes(const float* upper, const float* lower, float down, std::size_t columns,
                        const std::int32_t* starts, std::size_t cells, const float* t,
                        std::size_t n, float* out, std::size_t stride) noexcept {
    static_assert(Planes <= 8);
    const Eight height = Eight::broadcast(down);
    Eight left = node<Planes>(upper, lower, height, 0);
    for (std::size_t m = 0; m < cells; ++m) {
        const Eight right = m + 1 < columns ? node<Planes>(upper, lower, height, m + 1) : left;
        float from[8], step[8];
        left.store(from);
        (right - left).store(step);
        left = right;
        auto x = static_cast<std::size_t>(starts[m]);
        const auto end = static_cast<std::size_t>(starts[m + 1]);
        for (; x < end && x + 8 <= n; x += 8) {  // beyond the end of the cell, as above
            const Eight weight = Eight::load(t + x);
            for (std::size_t p = 0; p < Planes; ++p)
                (Eight::broadcast(from[p]) + weight * Eight::broadcast(step[p]))
                    .store(out + p * stride + x);
        }
        for (; x < end; ++x)
            for (std::size_t p = 0; p < Planes; ++p) out[p * stride + x] = from[p] + t[x] * step[p];
    }
}

void lerp_cells(const float* upper, const float* lower, float down, std::size_t columns,
                const std::int32_t* starts, std::size_t cells, std::size_t planes, const float* t,
                std::size_t n, float* out, std::size_t stride) noexcept {
    if (planes == 4)
        lerp_planes<4>(upper, lower, down, columns, starts, cells, t, n, out, stride);
    else
        lerp_planes<6>(upper, lower, down, columns, starts, cells, t, n, out, stride);
}

// As lerp_columns in Q14, with indices instead of cells.
void lerp_columns_q14(const std::int16_t* row, const std::int16_t* index, const std::int16_t* t,
                      std::size_t n, std::int16_t* out) noexcept {
    std::size_t x = 0;
    for (; x + Shorts::lanes <= n; x += Shorts::lanes) {
        const Shorts from = gather(row, index + x), to = gather(row + 1, index + x);
        (from + mul_q15(to - from, Shorts::load(t + x))).store(out + x);
    }
    for (; x < n; ++x) {
        const int from = row[index[x]], to = row[index[x] + 1];
        out[x] = static_cast<std::int16_t>(from + mul_q15(to - from, static_cast<int>(t[x])));
    }
}

void lerp_rows(const float* __restrict a, const float* __restrict b, float t, std::size_t n,
               float* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + t * (b[i] - a[i]);
}

void lerp_alpha(const std::int16_t* a, const std::int16_t* b, std::int16_t t, std::size_t n,
                std::int16_t* out) noexcept {
    const Shorts weight = Shorts::broadcast(t);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts from = Shorts::load(a + i);
        (from + mul_q15(Shorts::load(b + i) - from, weight)).store(out + i);
    }
    for (; i < n; ++i)
        out[i] = static_cast<std::int16_t>(a[i] + mul_q15(b[i] - a[i], static_cast<int>(t)));
}

// An alpha times `opaque`.  Beyond 0..1 it ends there, and what is not a number is 0.
template <typename V>
inline V opaque_share(V alpha) noexcept {
    const V zero = broadcast<V>(0.0f), one = broadcast<V>(1.0f);
    alpha = select_less(zero, alpha, alpha, zero);
    return select_less(alpha, one, alpha, one) * broadcast<V>(opaque);
}

void alpha_row(const float* __restrict row, std::size_t n, std::int16_t* __restrict out) noexcept {
    std::size_t x = 0;
    for (; x + Floats::lanes <= n; x += Floats::lanes)
        opaque_share(Floats::load(row + x)).store_shorts(out + x);
    for (; x < n; ++x)
        out[x] = static_cast<std::int16_t>(static_cast<std::int32_t>(opaque_share(row[x]) + 0.5f));
}

// 64.25 a, rounded: equals 16384 / 255 a within rounding, and is 0 and 16384 at the ends.
constexpr std::int16_t bytes_to_alpha = 16448;

void alpha_bytes(const std::uint8_t* row, std::size_t n, std::int16_t* out) noexcept {
    const Shorts factor = Shorts::broadcast(bytes_to_alpha);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes)
        mul_q15(Shorts::load_bytes(row + i).shl<7>(), factor).store(out + i);
    for (; i < n; ++i)
        out[i] = static_cast<std::int16_t>(mul_q15(row[i] << 7, static_cast<int>(bytes_to_alpha)));
}

}  // namespace
