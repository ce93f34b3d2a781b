// Means over windows of cells by running sums, in doubles.  A float would collect the rounding of
// some hundred additions and subtractions: more than the variances that are computed from the
// means.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec_doubles.hpp"

namespace {

void slide_window(const float* __restrict add, const float* __restrict drop, std::size_t n,
                  double* __restrict sums) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        sums[i] += static_cast<double>(add[i]) - static_cast<double>(drop[i]);
}

constexpr std::size_t box_block = 32;

// Samples first .. first + box_block - 1 of `Planes` planes, side by side.  Outside the row they
// are 0.
template <std::size_t Planes>
DEFOCUS_INLINE void merge_sums(const double* sums, std::size_t n, std::ptrdiff_t first,
                               double* out) noexcept {
    constexpr std::size_t lanes = FourDoubles::lanes;
    const auto length = static_cast<std::ptrdiff_t>(n);
    const bool inside = first >= 0 && first + static_cast<std::ptrdiff_t>(box_block) <= length;
    std::size_t i = 0;
    if constexpr (Planes == lanes)
        for (; inside && i < box_block; i += lanes)
            merge_four(sums + first + static_cast<std::ptrdiff_t>(i), n, out + lanes * i);
    for (; i < box_block; ++i) {
        const std::ptrdiff_t at = first + static_cast<std::ptrdiff_t>(i);
        const bool within = inside || (at >= 0 && at < length);
        for (std::size_t p = 0; p < Planes; ++p)
            out[lanes * i + p] = within ? sums[p * n + static_cast<std::size_t>(at)] : 0.0;
    }
}

// A running sum waits for its last addition.  Up to four planes share a vector.
template <std::size_t Planes>
void box_planes(const double* __restrict sums, std::size_t n, std::size_t radius,
                const double* __restrict shares, double share, float* __restrict out,
                std::size_t stride) noexcept {
    constexpr std::size_t lanes = FourDoubles::lanes;
    alignas(64) double added[box_block * lanes] = {}, dropped[box_block * lanes] = {};
    alignas(64) float means[box_block * lanes];
    double start[lanes] = {};
    for (std::size_t x = 0; x < radius && x < n; ++x)
        for (std::size_t p = 0; p < Planes; ++p) start[p] += sums[p * n + x];
    FourDoubles window = FourDoubles::load(start);
    const auto reach = static_cast<std::ptrdiff_t>(radius);
    for (std::size_t x = 0; x < n; x += box_block) {
        const std::size_t count = n - x < box_block ? n - x : box_block;
        const auto at = static_cast<std::ptrdiff_t>(x);
        merge_sums<Planes>(sums, n, at + reach, added);
        merge_sums<Planes>(sums, n, at - reach, dropped);
        for (std::size_t i = 0; i < count; ++i) {
            window = window + FourDoubles::load(added + lanes * i);
            (window * FourDoubles::broadcast(shares[x + i] * share))
                .store_floats(means + lanes * i);
            window = window - FourDoubles::load(dropped + lanes * i);
        }
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t p = 0; p < Planes; ++p) out[p * stride + x + i] = means[lanes * i + p];
    }
}

void box_row(const double* sums, std::size_t planes, std::size_t n, std::size_t radius,
             const double* shares, double share, float* out, std::size_t stride) noexcept {
    std::size_t p = 0;
    for (; p + 4 <= planes; p += 4)
        box_planes<4>(sums + p * n, n, radius, shares, share, out + p * stride, stride);
    sums += p * n;
    out += p * stride;
    switch (planes - p) {
        case 1: return box_planes<1>(sums, n, radius, shares, share, out, stride);
        case 2: return box_planes<2>(sums, n, radius, shares, share, out, stride);
        case 3: return box_planes<3>(sums, n, radius, shares, share, out, stride);
        default: return;
    }
}

}  // namespace
