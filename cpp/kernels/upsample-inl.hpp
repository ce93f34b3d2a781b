// Bilinear interpolation of a small mask, a row at a time: first along the mask's rows, then
// between two of them.  Indices and weights come from core/bilinear.hpp.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

void lerp_columns(const float* __restrict row, const std::int32_t* __restrict index,
                  const float* __restrict t, std::size_t n, float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const float a = row[index[x]];
        const float b = row[index[x] + 1];
        out[x] = a + t[x] * (b - a);
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

void alpha_row(const float* __restrict row, std::size_t n, std::size_t times,
               std::int16_t* __restrict out) noexcept {
    if (times == 1) {
        for (std::size_t x = 0; x < n; ++x)
            out[x] = static_cast<std::int16_t>(static_cast<std::int32_t>(row[x] * 16384.0f + 0.5f));
        return;
    }
    for (std::size_t x = 0; x < n; ++x) {
        const auto alpha =
            static_cast<std::int16_t>(static_cast<std::int32_t>(row[x] * 16384.0f + 0.5f));
        out[3 * x] = alpha;
        out[3 * x + 1] = alpha;
        out[3 * x + 2] = alpha;
    }
}

}  // namespace
