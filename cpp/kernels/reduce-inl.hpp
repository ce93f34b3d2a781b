// From all samples to the grid.  Rows and samples are halved in number with the binomial weights 1
// 3 3 1: a box of two convolved with itself twice.  log2(D) such steps are the prefilter of stride
// D.
//
// For 8-bit images this is done in 16-bit integers, centred Q7.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/vec/vec.hpp"

namespace {

constexpr int eighth = 4096, three_eighths = 12288;  // Q15

template <typename V>
inline V halve_four(V a, V b, V c, V d) noexcept {
    return mul_q15(a + d, whole<V>(eighth)) + mul_q15(b + c, whole<V>(three_eighths));
}

void centre_bytes(const std::uint8_t* row, std::size_t n, std::int16_t* out) noexcept {
    const Shorts centre = Shorts::broadcast(q7_centre);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes)
        (Shorts::load_bytes(row + i).shl<7>() - centre).store(out + i);
    for (; i < n; ++i) out[i] = static_cast<std::int16_t>((row[i] << 7) - q7_centre);
}

// Directly from bytes, where the sum of eight needs no rounding: 16 (a + 3 b + 3 c + d) is their
// mean in Q7.
void halve_bytes(const std::uint8_t* const* rows, std::size_t n, std::int16_t* out) noexcept {
    const std::uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
    const Shorts centre = Shorts::broadcast(q7_centre);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        const Shorts outer = Shorts::load_bytes(a + i) + Shorts::load_bytes(d + i);
        const Shorts inner = Shorts::load_bytes(b + i) + Shorts::load_bytes(c + i);
        ((outer + inner + inner.shl<1>()).shl<4>() - centre).store(out + i);
    }
    for (; i < n; ++i)
        out[i] = static_cast<std::int16_t>(16 * (a[i] + 3 * (b[i] + c[i]) + d[i]) - q7_centre);
}

void halve_rows(const std::int16_t* const* rows, std::size_t n, std::int16_t* out) noexcept {
    const std::int16_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes)
        halve_four(Shorts::load(a + i), Shorts::load(b + i), Shorts::load(c + i),
                   Shorts::load(d + i))
            .store(out + i);
    for (; i < n; ++i) out[i] = static_cast<std::int16_t>(halve_four<int>(a[i], b[i], c[i], d[i]));
}

void halve_rows_floats(const float* const* rows, std::size_t n, float* __restrict out) noexcept {
    const float *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];
    for (std::size_t i = 0; i < n; ++i) out[i] = 0.125f * ((a[i] + d[i]) + 3.0f * (b[i] + c[i]));
}

void halve_q7(const std::int16_t* row, std::size_t n, std::int16_t* out) noexcept {
    std::size_t m = 0;
    // The vector reads two samples beyond those it uses.
    for (; m + Shorts::lanes < n; m += Shorts::lanes) Shorts::halved(row + 2 * m).store(out + m);
    for (; m < n; ++m) {
        const std::int16_t* p = row + 2 * m;
        out[m] = static_cast<std::int16_t>((p[0] + 3 * (p[1] + p[2]) + p[3] + 4) >> 3);
    }
}

void halve(const float* __restrict row, std::size_t n, float* __restrict out) noexcept {
    for (std::size_t m = 0; m < n; ++m) {
        const float outer = row[2 * m] + row[2 * m + 3];
        const float inner = row[2 * m + 1] + row[2 * m + 2];
        out[m] = 0.125f * (outer + 3.0f * inner);
    }
}

// ---- The background of an image: (1 - alpha) I, and the weight 1 - alpha.

// Whether the alphas of a vector of pixels are all 0, all 1, or neither.
enum class Kind { background, subject, mixed };

inline Kind kind_of(const std::int16_t* alpha) noexcept {
    const Shorts a = Shorts::load(alpha);
    if (a.is_zero()) return Kind::background;
    return (a - Shorts::broadcast(opaque)).is_zero() ? Kind::subject : Kind::mixed;
}

// (1 - alpha) value.  It is exactly `value` for alpha 0 and exactly 0 for alpha 1, so the result
// does not depend on which pixels share a vector.
template <typename V>
inline V background_share(V value, V alpha) noexcept {
    const V rest = value - mul_q15(value, add_clamped(alpha, alpha));
    return select_less(alpha, whole<V>(opaque), rest, whole<V>(0));
}

// What is summed: sRGB values, or the light they stand for; Q7, not centred.
template <bool Linear, typename V>
inline V sample(V value) noexcept {
    if constexpr (Linear)
        return to_linear_q7(value);
    else
        return value;
}

template <bool Linear, int Part>
inline void background_at(const std::uint8_t* row, const std::int16_t* alpha, Kind kind,
                          std::int16_t* out) noexcept {
    constexpr std::size_t i = Part * Shorts::lanes;
    Shorts value = sample<Linear>(Shorts::load_bytes(row + i).shl<7>());
    if (kind == Kind::mixed) value = background_share(value, Shorts::triple<Part>(alpha));
    (value - Shorts::broadcast(q7_centre)).store(out + i);
}

template <bool Linear>
inline void background_as(const std::uint8_t* row, const std::int16_t* alpha, std::size_t width,
                          std::int16_t* colours, std::int16_t* weights) noexcept {
    constexpr int one = q7_white;
    const Shorts centre = Shorts::broadcast(q7_centre), none = Shorts::broadcast(-q7_centre);
    std::size_t x = 0;
    for (; x + Shorts::lanes <= width; x += Shorts::lanes) {
        const Kind kind = kind_of(alpha + x);
        std::int16_t* out = colours + 3 * x;
        if (kind == Kind::subject) {
            for (std::size_t part = 0; part < 3; ++part) none.store(out + part * Shorts::lanes);
            none.store(weights + x);
            continue;
        }
        background_at<Linear, 0>(row + 3 * x, alpha + x, kind, out);
        background_at<Linear, 1>(row + 3 * x, alpha + x, kind, out);
        background_at<Linear, 2>(row + 3 * x, alpha + x, kind, out);
        const Shorts weight = background_share(whole<Shorts>(one), Shorts::load(alpha + x));
        (weight - centre).store(weights + x);
    }
    for (; x < width; ++x) {
        const int a = alpha[x];
        for (std::size_t i = 3 * x; i < 3 * x + 3; ++i) {
            const int value = background_share(sample<Linear>(row[i] << 7), a);
            colours[i] = static_cast<std::int16_t>(value - q7_centre);
        }
        weights[x] = static_cast<std::int16_t>(background_share(one, a) - q7_centre);
    }
}

void background(const std::uint8_t* row, const std::int16_t* alpha, std::size_t width, bool linear,
                std::int16_t* colours, std::int16_t* weights) noexcept {
    if (linear)
        background_as<true>(row, alpha, width, colours, weights);
    else
        background_as<false>(row, alpha, width, colours, weights);
}

}  // namespace
