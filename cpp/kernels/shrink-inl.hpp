// The way to the network's input: rows weighed and summed, then columns, then normalised.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

// Weights that are linear in k need no multiplication a row: with S = s0 + s1 + ... and the sum R
// of its partial sums, the sum of (a + b k) s_k is
//
//     a S + b (count S - R),     and     (a + b (count - 1)) S - b (R - S).
//
// S and R are integers that fit 16 bits without a sign up to 22 rows.  The one formula for rising
// weights, the other for falling ones: only integers are subtracted, exactly, and no sum of what is
// not negative comes out below 0.
struct RampWeights {
    float sum, moment;   // of the integer that is 0 or more: sum S + moment R
    float least, slope;  // the weights' least, and what they grow by
    RampWeights(std::size_t count, float a, float b) noexcept {
        const float last = a + b * static_cast<float>(count - 1);
        const bool rising = b > 0.0f;
        sum = rising ? static_cast<float>(count) : -1.0f;
        moment = rising ? -1.0f : 1.0f;
        least = rising ? a : last > 0.0f ? last : 0.0f;
        slope = rising ? b : -b;
    }
    template <typename V>
    V of(V s, V m) const noexcept {
        return s * broadcast<V>(least) +
               (s * broadcast<V>(sum) + m * broadcast<V>(moment)) * broadcast<V>(slope);
    }
};

void add_ramp(const std::uint8_t* const* rows, std::size_t count, float a, float b, std::size_t n,
              float* sums) noexcept {
    const RampWeights weighed(count, a, b);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts sum = Shorts::load_bytes(rows[0] + i), moment = sum;
        for (std::size_t k = 1; k < count; ++k) {
            sum = sum + Shorts::load_bytes(rows[k] + i);
            moment = moment + sum;
        }
        float* const low = sums + i;
        float* const high = low + Floats::lanes;
        (Floats::load(low) + weighed.of(sum.low(), moment.low())).store(low);
        (Floats::load(high) + weighed.of(sum.high(), moment.high())).store(high);
    }
    for (; i < n; ++i) {
        int sum = 0, moment = 0;
        for (std::size_t k = 0; k < count; ++k) {
            sum += rows[k][i];
            moment += sum;
        }
        sums[i] += weighed.of(static_cast<float>(sum), static_cast<float>(moment));
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
