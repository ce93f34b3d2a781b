// A photo at the size of a network: rows are weighted and summed, then columns.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// Weights that are linear in k need no multiplication for each row.  Counted from the side of the
// larger weights, the sum of (least + slope j) s_j, with j counting from the other side, is
//
//     least S + slope R,     S = the sum of all,     R = the sum of the partial sums but the last.
//
// S and R are integers that fit 16 unsigned bits for up to 22 rows.  Nothing is subtracted, so the
// sum of non-negative terms is never below 0.
void add_ramp(const std::uint8_t* const* rows, std::size_t count, float a, float b, std::size_t n,
              float* sums) noexcept {
    const bool rising = b > 0.0f;
    const float last = a + b * static_cast<float>(count - 1);
    const float least = rising ? a : last > 0.0f ? last : 0.0f, slope = rising ? b : -b;
    const std::uint8_t* const* const first = rising ? rows + (count - 1) : rows;
    const std::ptrdiff_t step = rising ? -1 : 1;
    const Floats p = Floats::broadcast(least), q = Floats::broadcast(slope);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const std::uint8_t* const* row = first;
        Shorts sum = Shorts::load_bytes(*row + i), moment = Shorts::broadcast(0);
        for (std::size_t k = 1; k < count; ++k) {
            row += step;
            moment = moment + sum;
            sum = sum + Shorts::load_bytes(*row + i);
        }
        float* const low = sums + i;
        float* const high = low + Floats::lanes;
        (Floats::load(low) + (sum.low() * p + moment.low() * q)).store(low);
        (Floats::load(high) + (sum.high() * p + moment.high() * q)).store(high);
    }
    for (; i < n; ++i) {
        const std::uint8_t* const* row = first;
        int sum = (*row)[i], moment = 0;
        for (std::size_t k = 1; k < count; ++k) {
            row += step;
            moment += sum;
            sum += (*row)[i];
        }
        sums[i] += static_cast<float>(sum) * least + static_cast<float>(moment) * slope;
    }
}

void weigh_columns(const float* row, const std::int32_t* starts, const float* weights,
                   std::size_t taps, std::size_t n, float most, float* out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const float* const from = row + starts[x];
        const float* const weight = weights + x * taps;
        Eight sum = Eight::load(from) * Eight::load(weight);
        for (std::size_t k = 8; k < taps; k += 8)
            sum = sum + Eight::load(from + k) * Eight::load(weight + k);
        float part[8];
        sum.store(part);
        const float whole = ((part[0] + part[4]) + (part[1] + part[5])) +
                            ((part[2] + part[6]) + (part[3] + part[7]));
        out[x] = select_less(whole, most, whole, most);
    }
}

}  // namespace
