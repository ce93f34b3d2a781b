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

// The same in 16-bit integers, centred Q7 with Q15 taps.  Every product is rounded, which costs .01
// of a level.

template <typename At>
inline void fir_q7(const std::int16_t* taps, std::size_t radius, std::size_t n, std::int16_t* out,
                   At pair) noexcept {
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts sum = mul_q15(pair(Shorts{}, std::size_t{0}, i), Shorts::broadcast(taps[0]));
        for (std::size_t k = 1; k <= radius; ++k)
            sum = sum + mul_q15(pair(Shorts{}, k, i), Shorts::broadcast(taps[k]));
        sum.store(out + i);
    }
    for (; i < n; ++i) {
        int sum = mul_q15(pair(int{}, std::size_t{0}, i), static_cast<int>(taps[0]));
        for (std::size_t k = 1; k <= radius; ++k)
            sum += mul_q15(pair(int{}, k, i), static_cast<int>(taps[k]));
        out[i] = static_cast<std::int16_t>(sum);
    }
}

// Two bytes, or the middle one, as centred Q7.
inline Shorts centred(Shorts sum, int bytes) noexcept {
    return sum.shl<7>() - whole<Shorts>(bytes * q7_centre);
}
inline int centred(int sum, int bytes) noexcept {
    return (sum << 7) - bytes * q7_centre;
}
inline Shorts load_code(Shorts, const std::uint8_t* p) noexcept {
    return Shorts::load_bytes(p);
}
inline int load_code(int, const std::uint8_t* p) noexcept {
    return *p;
}
inline Shorts load_q7(Shorts, const std::int16_t* p) noexcept {
    return Shorts::load(p);
}
inline int load_q7(int, const std::int16_t* p) noexcept {
    return *p;
}

void fir_columns_bytes(const std::uint8_t* const* rows, const std::int16_t* taps,
                       std::size_t radius, std::size_t n, std::int16_t* out) noexcept {
    fir_q7(taps, radius, n, out, [=](auto kind, std::size_t k, std::size_t i) {
        if (k == 0) return centred(load_code(kind, rows[radius] + i), 1);
        return centred(
            load_code(kind, rows[radius - k] + i) + load_code(kind, rows[radius + k] + i), 2);
    });
}

void fir_columns_q7(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t radius,
                    std::size_t n, std::int16_t* out) noexcept {
    fir_q7(taps, radius, n, out, [=](auto kind, std::size_t k, std::size_t i) {
        if (k == 0) return load_q7(kind, rows[radius] + i);
        return load_q7(kind, rows[radius - k] + i) + load_q7(kind, rows[radius + k] + i);
    });
}

// Along a flat row: neighbours of a channel lie `channels` apart.
void fir_row_q7(const std::int16_t* row, const std::int16_t* taps, std::size_t radius,
                std::size_t channels, std::size_t n, std::int16_t* out) noexcept {
    const std::int16_t* middle = row + radius * channels;
    fir_q7(taps, radius, n, out, [=](auto kind, std::size_t k, std::size_t i) {
        if (k == 0) return load_q7(kind, middle + i);
        const std::int16_t* at = middle + i;
        return load_q7(kind, at - k * channels) + load_q7(kind, at + k * channels);
    });
}

}  // namespace
