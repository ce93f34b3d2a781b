// The way to the network's input: rows weighed and summed, then columns, then normalised.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

// Weights that are linear in k need no multiplication a row: with S = s0 + s1 + ... and the sum R
// of its partial sums, the sum of (a + b k) s_k is (a + b count) S - b R.  Both are integers that
// fit 16 bits without a sign up to 22 rows.
void add_ramp(const std::uint8_t* const* rows, std::size_t count, float a, float b, std::size_t n,
              float* sums) noexcept {
    const float whole = a + b * static_cast<float>(count);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts sum = Shorts::load_bytes(rows[0] + i), moment = sum;
        for (std::size_t k = 1; k < count; ++k) {
            sum = sum + Shorts::load_bytes(rows[k] + i);
            moment = moment + sum;
        }
        const Floats s = Floats::broadcast(whole), m = Floats::broadcast(b);
        float* const low = sums + i;
        float* const high = low + Floats::lanes;
        (Floats::load(low) + (sum.low() * s - moment.low() * m)).store(low);
        (Floats::load(high) + (sum.high() * s - moment.high() * m)).store(high);
    }
    for (; i < n; ++i) {
        int sum = 0, moment = 0;
        for (std::size_t k = 0; k < count; ++k) {
            sum += rows[k][i];
            moment += sum;
        }
        sums[i] += static_cast<float>(sum) * whole - static_cast<float>(moment) * b;
    }
}

void weigh_columns(const float* row, const std::int32_t* starts, const float* weights,
                   std::size_t taps, std::size_t n, float* out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const float* const from = row + starts[x];
        const float* const weight = weights + x * taps;
        Eight sum = Eight::load(from) * Eight::load(weight);
        for (std::size_t k = 8; k < taps; k += 8)
            sum = sum + Eight::load(from + k) * Eight::load(weight + k);
        float part[8];
        sum.store(part);
        out[x] = ((part[0] + part[4]) + (part[1] + part[5])) +
                 ((part[2] + part[6]) + (part[3] + part[7]));
    }
}

void raise_to_row(const float* row, std::size_t n, float* peak) noexcept {
    std::size_t i = 0;
    float highest = *peak;
    if (n >= Floats::lanes) {
        Floats most = Floats::broadcast(highest);
        for (; i + Floats::lanes <= n; i += Floats::lanes) {
            const Floats v = Floats::load(row + i);
            most = select_less(most, v, v, most);
        }
        float each[Floats::lanes];
        most.store(each);
        for (const float v : each) highest = select_less(highest, v, v, highest);
    }
    for (; i < n; ++i) highest = select_less(highest, row[i], row[i], highest);
    *peak = highest;
}

void scale_row(float* row, std::size_t n, float scale, float offset) noexcept {
    for (std::size_t i = 0; i < n; ++i) row[i] = row[i] * scale - offset;
}

}  // namespace
