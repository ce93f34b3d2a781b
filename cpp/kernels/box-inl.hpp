// Means over windows of cells by running sums, in doubles.  A float would collect the rounding of
// some hundred additions and subtractions: more than the variances that are computed from the
// means.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec_doubles.hpp"

namespace {

template <std::size_t Planes>
inline void slide_cells(const float* add, const float* drop, std::size_t stride, std::size_t from,
                        std::size_t to, double* sums) noexcept {
    for (std::size_t x = from; x < to; ++x)
        for (std::size_t p = 0; p < Planes; ++p)
            sums[box_planes * x + p] += static_cast<double>(add[p * stride + x]) -
                                        static_cast<double>(drop[p * stride + x]);
}

template <std::size_t Planes>
inline void slide_group(const float* add, const float* drop, std::size_t stride, std::size_t n,
                        double* sums) noexcept {
    constexpr std::size_t lanes = FourDoubles::lanes;
    std::size_t x = 0;
    if constexpr (Planes == box_planes)
        for (; x + lanes <= n; x += lanes) {
            FourDoubles cells[lanes];
            for (std::size_t p = 0; p < lanes; ++p)
                cells[p] = FourDoubles::load_floats(add + p * stride + x) -
                           FourDoubles::load_floats(drop + p * stride + x);
            turn_four(cells);
            for (std::size_t i = 0; i < lanes; ++i) {
                double* const sum = sums + lanes * (x + i);
                (FourDoubles::load(sum) + cells[i]).store(sum);
            }
        }
    slide_cells<Planes>(add, drop, stride, x, n, sums);
}

void slide_window(const float* add, const float* drop, std::size_t stride, std::size_t planes,
                  std::size_t n, std::size_t group, double* sums) noexcept {
    for (; planes > 0; add += box_planes * stride, drop += box_planes * stride) {
        switch (planes) {
            case 1: return slide_group<1>(add, drop, stride, n, sums);
            case 2: return slide_group<2>(add, drop, stride, n, sums);
            case 3: return slide_group<3>(add, drop, stride, n, sums);
            default: slide_group<4>(add, drop, stride, n, sums);
        }
        planes -= box_planes;
        sums += group;
    }
}

constexpr std::size_t box_block = 32;

// Cells of four planes side by side, to planes of which the first `planes` are wanted.
inline void split_means(const float* means, std::size_t planes, std::size_t count, float* out,
                        std::size_t stride) noexcept {
    std::size_t i = 0;
    if (planes >= box_planes)
        for (; i + 4 <= count; i += 4) split_four(means + box_planes * i, out + i, stride);
    const std::size_t wanted = planes < box_planes ? planes : box_planes;
    for (; i < count; ++i)
        for (std::size_t p = 0; p < wanted; ++p) out[p * stride + i] = means[box_planes * i + p];
}

// Running sums wait for their last addition, so those of all groups run together.
template <std::size_t Groups>
void box_groups(const double* sums, std::size_t planes, std::size_t n, std::size_t radius,
                std::size_t group, const double* shares, double share, float* out,
                std::size_t stride) noexcept {
    alignas(64) float means[Groups * box_block * box_planes];
    FourDoubles window[Groups];
    for (std::size_t g = 0; g < Groups; ++g) {
        window[g] = FourDoubles::broadcast(0.0);
        for (std::size_t x = 0; x < 2 * radius; ++x)
            window[g] = window[g] + FourDoubles::load(sums + g * group + box_planes * x);
    }
    for (std::size_t x = 0, count; x < n; x += count) {
        count = n - x < box_block ? n - x : box_block;
        for (std::size_t i = 0; i < count; ++i) {
            const double* const drop = sums + box_planes * (x + i);
            const double* const add = drop + 2 * box_planes * radius;
            const FourDoubles scale = FourDoubles::broadcast(shares[x + i] * share);
            for (std::size_t g = 0; g < Groups; ++g) {
                window[g] = window[g] + FourDoubles::load(add + g * group);
                (window[g] * scale).store_floats(means + box_planes * (g * box_block + i));
                window[g] = window[g] - FourDoubles::load(drop + g * group);
            }
        }
        for (std::size_t g = 0; g < Groups; ++g)
            split_means(means + g * box_block * box_planes, planes - g * box_planes, count,
                        out + g * box_planes * stride + x, stride);
    }
}

void box_row(const double* sums, std::size_t planes, std::size_t n, std::size_t radius,
             std::size_t group, const double* shares, double share, float* out,
             std::size_t stride) noexcept {
    constexpr std::size_t most = 3 * box_planes;
    for (; planes > most; planes -= most) {
        box_groups<3>(sums, most, n, radius, group, shares, share, out, stride);
        sums += 3 * group;
        out += most * stride;
    }
    if (planes > 2 * box_planes)
        box_groups<3>(sums, planes, n, radius, group, shares, share, out, stride);
    else if (planes > box_planes)
        box_groups<2>(sums, planes, n, radius, group, shares, share, out, stride);
    else
        box_groups<1>(sums, planes, n, radius, group, shares, share, out, stride);
}

}  // namespace
