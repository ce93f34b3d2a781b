// Tap sums of a symmetric FIR: taps[0] in the middle, taps[k] on both sides at distance k.  Adding
// the two samples first halves the multiplications.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec.hpp"

namespace {

template <typename V>
inline V fir_columns_at(const float* const* rows, const float* taps, std::size_t radius,
                        std::size_t i) noexcept {
    V sum = broadcast<V>(taps[0]) * load<V>(rows[radius] + i);
    for (std::size_t k = 1; k <= radius; ++k)
        sum = sum + broadcast<V>(taps[k]) *
                        (load<V>(rows[radius - k] + i) + load<V>(rows[radius + k] + i));
    return sum;
}

void fir_columns(const float* const* rows, const float* taps, std::size_t radius, std::size_t n,
                 float* out) noexcept {
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        fir_columns_at<Floats>(rows, taps, radius, i).store(out + i);
    for (; i < n; ++i) out[i] = fir_columns_at<float>(rows, taps, radius, i);
}

template <typename V>
inline V fir_row_at(const float* middle, const float* taps, std::size_t radius) noexcept {
    V sum = broadcast<V>(taps[0]) * load<V>(middle);
    for (std::size_t k = 1; k <= radius; ++k)
        sum = sum + broadcast<V>(taps[k]) * (load<V>(middle - k) + load<V>(middle + k));
    return sum;
}

void fir_row(const float* row, const float* taps, std::size_t radius, std::size_t n,
             float* out) noexcept {
    const float* middle = row + radius;
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        fir_row_at<Floats>(middle + i, taps, radius).store(out + i);
    for (; i < n; ++i) out[i] = fir_row_at<float>(middle + i, taps, radius);
}

// The same in 16-bit integers, for pictures of bytes and small radii.  Sums of two bytes fit Q6
// (510 * 64 < 2^15), sums of two Q6 values of at most 255 fit 16 bits, products are rounded to Q6.

void fir_columns_q6(const std::uint8_t* const* rows, const std::int16_t* taps, std::size_t radius,
                    std::size_t n, std::int16_t* out) noexcept {
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts sum =
            mul_q15(Shorts::load_bytes(rows[radius] + i).shl<6>(), Shorts::broadcast(taps[0]));
        for (std::size_t k = 1; k <= radius; ++k) {
            const Shorts pair =
                Shorts::load_bytes(rows[radius - k] + i) + Shorts::load_bytes(rows[radius + k] + i);
            sum = sum + mul_q15(pair.shl<6>(), Shorts::broadcast(taps[k]));
        }
        sum.store(out + i);
    }
    for (; i < n; ++i) {
        int sum = mul_q15(rows[radius][i] << 6, taps[0]);
        for (std::size_t k = 1; k <= radius; ++k)
            sum += mul_q15((rows[radius - k][i] + rows[radius + k][i]) << 6, taps[k]);
        out[i] = static_cast<std::int16_t>(sum);
    }
}

// Along a flat row: neighbours of a channel lie `channels` apart.  From Q6 to Q7.
void fir_row_q7(const std::int16_t* row, const std::int16_t* taps, std::size_t radius,
                std::size_t channels, std::size_t n, std::int16_t* out) noexcept {
    const std::int16_t* middle = row + radius * channels;
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts sum = mul_q15(Shorts::load(middle + i), Shorts::broadcast(taps[0]));
        for (std::size_t k = 1; k <= radius; ++k) {
            const std::size_t at = k * channels;
            const Shorts pair = Shorts::load(middle + i - at) + Shorts::load(middle + i + at);
            sum = sum + mul_q15(pair, Shorts::broadcast(taps[k]));
        }
        sum.shl<1>().store(out + i);
    }
    for (; i < n; ++i) {
        int sum = mul_q15(middle[i], taps[0]);
        for (std::size_t k = 1; k <= radius; ++k)
            sum += mul_q15(*(middle + i - k * channels) + middle[i + k * channels], taps[k]);
        out[i] = static_cast<std::int16_t>(sum * 2);
    }
}

}  // namespace
