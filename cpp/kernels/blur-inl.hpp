// Tap sums: what a separable Gaussian blur is made of.  See core/axis_plan.hpp for the taps.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

// Sums `Blocks` vectors side by side, so that the accumulators stay in registers while the taps
// run inside; the short form that reads like the formula is also the fast one.
template <int Blocks>
inline void sum_rows_block(const float* const* rows, const float* taps, std::size_t count,
                           std::size_t i, float* out) noexcept {
    Vec sum[Blocks];
    for (int b = 0; b < Blocks; ++b)
        sum[b] = Vec::broadcast(taps[0]) *
                 Vec::load(rows[0] + i + static_cast<std::size_t>(b) * Vec::lanes);
    for (std::size_t k = 1; k < count; ++k) {
        const Vec tap = Vec::broadcast(taps[k]);
        for (int b = 0; b < Blocks; ++b)
            sum[b] =
                sum[b] + tap * Vec::load(rows[k] + i + static_cast<std::size_t>(b) * Vec::lanes);
    }
    for (int b = 0; b < Blocks; ++b)
        sum[b].store(out + i + static_cast<std::size_t>(b) * Vec::lanes);
}

void sum_rows(const float* const* rows, const float* taps, std::size_t count, std::size_t n,
              float* out) noexcept {
    std::size_t i = 0;
    for (; i + 4 * Vec::lanes <= n; i += 4 * Vec::lanes)
        sum_rows_block<4>(rows, taps, count, i, out);
    for (; i + Vec::lanes <= n; i += Vec::lanes) sum_rows_block<1>(rows, taps, count, i, out);
    for (; i < n; ++i) {
        float sum = taps[0] * rows[0][i];
        for (std::size_t k = 1; k < count; ++k) sum = sum + taps[k] * rows[k][i];
        out[i] = sum;
    }
}

void accumulate(const float* __restrict row, std::size_t n, const float* weights,
                float* const* sums) noexcept {
    const float w0 = weights[0], w1 = weights[1], w2 = weights[2];
    float* __restrict s0 = sums[0];
    float* __restrict s1 = sums[1];
    float* __restrict s2 = sums[2];
    for (std::size_t i = 0; i < n; ++i) {
        s0[i] += w0 * row[i];
        s1[i] += w1 * row[i];
        s2[i] += w2 * row[i];
    }
}

void decimate(const float* __restrict row, const float* __restrict taps, std::size_t count,
              std::size_t step, std::size_t n, float* __restrict out) noexcept {
    for (std::size_t m = 0; m < n; ++m) {
        const float* window = row + m * step;
        float sum = taps[0] * window[0];
        for (std::size_t k = 1; k < count; ++k) sum += taps[k] * window[k];
        out[m] = sum;
    }
}

template <int Blocks>
inline void convolve_block(const float* row, const float* taps, std::size_t count, std::size_t i,
                           float* out) noexcept {
    Vec sum[Blocks];
    for (int b = 0; b < Blocks; ++b)
        sum[b] =
            Vec::broadcast(taps[0]) * Vec::load(row + i + static_cast<std::size_t>(b) * Vec::lanes);
    for (std::size_t k = 1; k < count; ++k) {
        const Vec tap = Vec::broadcast(taps[k]);
        for (int b = 0; b < Blocks; ++b)
            sum[b] =
                sum[b] + tap * Vec::load(row + i + k + static_cast<std::size_t>(b) * Vec::lanes);
    }
    for (int b = 0; b < Blocks; ++b)
        sum[b].store(out + i + static_cast<std::size_t>(b) * Vec::lanes);
}

void convolve(const float* row, const float* taps, std::size_t count, std::size_t n,
              float* out) noexcept {
    std::size_t i = 0;
    for (; i + 4 * Vec::lanes <= n; i += 4 * Vec::lanes)
        convolve_block<4>(row, taps, count, i, out);
    for (; i + Vec::lanes <= n; i += Vec::lanes) convolve_block<1>(row, taps, count, i, out);
    for (; i < n; ++i) {
        float sum = taps[0] * row[i];
        for (std::size_t k = 1; k < count; ++k) sum = sum + taps[k] * row[i + k];
        out[i] = sum;
    }
}

void expand(const float* __restrict row, const float* __restrict taps, std::size_t step,
            std::size_t n, float* __restrict out) noexcept {
    const float* t0 = taps;
    const float* t1 = taps + step;
    const float* t2 = taps + 2 * step;
    const float* t3 = taps + 3 * step;
    for (std::size_t m = 0; m * step < n; ++m) {
        const float a = row[m], b = row[m + 1], c = row[m + 2], d = row[m + 3];
        float* cell = out + m * step;
        const std::size_t rest = n - m * step;
        const std::size_t phases = rest < step ? rest : step;
        for (std::size_t p = 0; p < phases; ++p)
            cell[p] = ((t0[p] * a + t1[p] * b) + t2[p] * c) + t3[p] * d;
    }
}

}  // namespace
