// Bilinear interpolation of a small mask, a row at a time: first between two mask rows, then along
// the row.  Indices and weights come from core/bilinear.hpp.
#pragma once

#include "kernels/kernel_table.hpp"

namespace {

void lerp_rows(const float* __restrict a, const float* __restrict b, float t, std::size_t n,
               float* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + t * (b[i] - a[i]);
}

void lerp_columns(const float* __restrict row, const std::int32_t* __restrict index,
                  const float* __restrict t, std::size_t n, float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const float a = row[index[x]];
        const float b = row[index[x] + 1];
        out[x] = a + t[x] * (b - a);
    }
}

}  // namespace
