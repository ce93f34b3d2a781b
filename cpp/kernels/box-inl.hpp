// Means over windows of cells by running sums, in doubles.  A float would collect the rounding of
// some hundred additions and subtractions: more than the variances that are computed from the
// means.
#pragma once

#include "kernels/kernel_table.hpp"

namespace {

void slide_window(const float* __restrict add, const float* __restrict drop, std::size_t n,
                  double* __restrict sums) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        sums[i] += static_cast<double>(add[i]) - static_cast<double>(drop[i]);
}

// A running sum waits for its last addition; `Planes` independent sums fill the time.
template <std::size_t Planes>
inline void box_planes(const double* sums, std::size_t n, std::size_t radius, const double* shares,
                       double share, float* out, std::size_t stride) noexcept {
    double window[Planes] = {};
    for (std::size_t x = 0; x < radius && x < n; ++x)
        for (std::size_t p = 0; p < Planes; ++p) window[p] += sums[p * n + x];
    for (std::size_t x = 0; x < n; ++x) {
        if (x + radius < n)
            for (std::size_t p = 0; p < Planes; ++p) window[p] += sums[p * n + x + radius];
        const double weight = shares[x] * share;
        for (std::size_t p = 0; p < Planes; ++p)
            out[p * stride + x] = static_cast<float>(window[p] * weight);
        if (x >= radius)
            for (std::size_t p = 0; p < Planes; ++p) window[p] -= sums[p * n + x - radius];
    }
}

void box_row(const double* sums, std::size_t planes, std::size_t n, std::size_t radius,
             const double* shares, double share, float* out, std::size_t stride) noexcept {
    std::size_t p = 0;
    for (; p + 4 <= planes; p += 4)
        box_planes<4>(sums + p * n, n, radius, shares, share, out + p * stride, stride);
    for (; p < planes; ++p)
        box_planes<1>(sums + p * n, n, radius, shares, share, out + p * stride, stride);
}

}  // namespace
