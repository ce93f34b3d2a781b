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
    Floats sum[Blocks];
    for (int b = 0; b < Blocks; ++b)
        sum[b] = Floats::broadcast(taps[0]) *
                 Floats::load(rows[0] + i + static_cast<std::size_t>(b) * Floats::lanes);
    for (std::size_t k = 1; k < count; ++k) {
        const Floats tap = Floats::broadcast(taps[k]);
        for (int b = 0; b < Blocks; ++b)
            sum[b] = sum[b] +
                     tap * Floats::load(rows[k] + i + static_cast<std::size_t>(b) * Floats::lanes);
    }
    for (int b = 0; b < Blocks; ++b)
        sum[b].store(out + i + static_cast<std::size_t>(b) * Floats::lanes);
}

void sum_rows(const float* const* rows, const float* taps, std::size_t count, std::size_t n,
              float* out) noexcept {
    std::size_t i = 0;
    for (; i + 4 * Floats::lanes <= n; i += 4 * Floats::lanes)
        sum_rows_block<4>(rows, taps, count, i, out);
    for (; i + Floats::lanes <= n; i += Floats::lanes) sum_rows_block<1>(rows, taps, count, i, out);
    for (; i < n; ++i) {
        float sum = taps[0] * rows[0][i];
        for (std::size_t k = 1; k < count; ++k) sum = sum + taps[k] * rows[k][i];
        out[i] = sum;
    }
}

template <int Blocks>
inline void convolve_block(const float* row, const float* taps, std::size_t count, std::size_t i,
                           float* out) noexcept {
    Floats sum[Blocks];
    for (int b = 0; b < Blocks; ++b)
        sum[b] = Floats::broadcast(taps[0]) *
                 Floats::load(row + i + static_cast<std::size_t>(b) * Floats::lanes);
    for (std::size_t k = 1; k < count; ++k) {
        const Floats tap = Floats::broadcast(taps[k]);
        for (int b = 0; b < Blocks; ++b)
            sum[b] = sum[b] +
                     tap * Floats::load(row + i + k + static_cast<std::size_t>(b) * Floats::lanes);
    }
    for (int b = 0; b < Blocks; ++b)
        sum[b].store(out + i + static_cast<std::size_t>(b) * Floats::lanes);
}

void convolve(const float* row, const float* taps, std::size_t count, std::size_t n,
              float* out) noexcept {
    std::size_t i = 0;
    for (; i + 4 * Floats::lanes <= n; i += 4 * Floats::lanes)
        convolve_block<4>(row, taps, count, i, out);
    for (; i + Floats::lanes <= n; i += Floats::lanes) convolve_block<1>(row, taps, count, i, out);
    for (; i < n; ++i) {
        float sum = taps[0] * row[i];
        for (std::size_t k = 1; k < count; ++k) sum = sum + taps[k] * row[i + k];
        out[i] = sum;
    }
}

}  // namespace
