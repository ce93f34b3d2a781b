// The way down: rows of a picture are added into the three prefilter windows they fall into.
//
// Within a cell the prefilter's weights are quadratic in the row number, so that all three sums
// follow from three moments of a group of rows, and these from running sums alone: after the last
// row of K, with k counting K .. 1 from the first row to the last,
//
//     s = sum x      p = sum k x      q = sum k (k + 1) / 2 x
//
// which costs three additions a sample and no multiplication.  8-bit rows fit 16 bits up to K = 8:
// 255 * 120 < 2^16.  See core/grid_rows.cpp for the factors.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/light-inl.hpp"
#include "kernels/vec.hpp"

namespace {

inline float window_sum(const float* factors, float s, float p, float q) noexcept {
    return (factors[0] * s + factors[1] * p) + factors[2] * q;
}

struct Factors {
    Floats f[3][3];
    explicit Factors(const float* factors) noexcept {
        for (int w = 0; w < 3; ++w)
            for (int m = 0; m < 3; ++m) f[w][m] = Floats::broadcast(factors[3 * w + m]);
    }
    void add(float* const* sums, std::size_t i, Floats s, Floats p, Floats q) const noexcept {
        for (int w = 0; w < 3; ++w) {
            float* sum = sums[w] + i;
            (Floats::load(sum) + ((f[w][0] * s + f[w][1] * p) + f[w][2] * q)).store(sum);
        }
    }
};

template <std::size_t Rows>
void reduce_bytes_of(const std::uint8_t* const* rows, std::size_t n, const float* factors,
                     float* const* sums) noexcept {
    const Factors windows(factors);
    std::size_t i = 0;
    for (; i + Shorts::lanes <= n; i += Shorts::lanes) {
        Shorts s = Shorts::load_bytes(rows[0] + i);
        Shorts p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s = s + Shorts::load_bytes(rows[j] + i);
            p = p + s;
            q = q + p;
        }
        windows.add(sums, i, s.low(), p.low(), q.low());
        windows.add(sums, i + Floats::lanes, s.high(), p.high(), q.high());
    }
    for (; i < n; ++i) {
        std::uint32_t s = 0, p = 0, q = 0;
        for (std::size_t j = 0; j < Rows; ++j) {
            s += rows[j][i];
            p += s;
            q += p;
        }
        for (std::size_t w = 0; w < 3; ++w)
            sums[w][i] += window_sum(factors + 3 * w, static_cast<float>(s), static_cast<float>(p),
                                     static_cast<float>(q));
    }
}

void reduce_bytes(const std::uint8_t* const* rows, std::size_t count, std::size_t n,
                  const float* factors, float* const* sums) noexcept {
    switch (count) {
        case 2: return reduce_bytes_of<2>(rows, n, factors, sums);
        case 4: return reduce_bytes_of<4>(rows, n, factors, sums);
        default: return reduce_bytes_of<8>(rows, n, factors, sums);
    }
}

template <std::size_t Rows>
void reduce_floats_of(const float* const* rows, std::size_t n, const float* factors,
                      float* const* sums) noexcept {
    const Factors windows(factors);
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes) {
        Floats s = Floats::load(rows[0] + i);
        Floats p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s = s + Floats::load(rows[j] + i);
            p = p + s;
            q = q + p;
        }
        windows.add(sums, i, s, p, q);
    }
    for (; i < n; ++i) {
        float s = rows[0][i];
        float p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s += rows[j][i];
            p += s;
            q += p;
        }
        for (std::size_t w = 0; w < 3; ++w) sums[w][i] += window_sum(factors + 3 * w, s, p, q);
    }
}

void reduce_floats(const float* const* rows, std::size_t count, std::size_t n, const float* factors,
                   float* const* sums) noexcept {
    switch (count) {
        case 2: return reduce_floats_of<2>(rows, n, factors, sums);
        case 4: return reduce_floats_of<4>(rows, n, factors, sums);
        default: return reduce_floats_of<8>(rows, n, factors, sums);
    }
}

constexpr float alpha_unit = 1.0f / 16384.0f;
constexpr std::int16_t opaque = 16384;

// What a row's samples are summed as: codes, or the light they stand for.
template <bool Linear, typename V>
inline V sample(V code) noexcept {
    if constexpr (Linear)
        return to_linear(code);
    else
        return code;
}

// Samples i .. i + Shorts::lanes of a flat row, which are `Part` of the three vectors that belong
// to the pixels from x on.
template <bool Linear, std::size_t Rows, int Part>
inline void reduce_background_at(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                                 std::size_t x, std::size_t i, const Factors& windows,
                                 float* const* sums) noexcept {
    const Floats one = Floats::broadcast(1.0f), unit = Floats::broadcast(alpha_unit);
    const auto zero = Floats::broadcast(0.0f);
    Floats s[2] = {zero, zero}, p[2] = {zero, zero}, q[2] = {zero, zero};
    for (std::size_t j = 0; j < Rows; ++j) {
        const Shorts alpha = Shorts::triple<Part>(alphas[j] + x);
        const Floats weight[2] = {one - unit * alpha.low(), one - unit * alpha.high()};
        for (std::size_t h = 0; h < 2; ++h) {
            const Floats code = Floats::load_bytes(rows[j] + i + h * Floats::lanes);
            s[h] = s[h] + weight[h] * sample<Linear>(code);
            p[h] = p[h] + s[h];
            q[h] = q[h] + p[h];
        }
    }
    for (std::size_t h = 0; h < 2; ++h) windows.add(sums, i + h * Floats::lanes, s[h], p[h], q[h]);
}

// Where all of a group is background the weights are 1.
template <bool Linear, std::size_t Rows>
inline void reduce_plain_at(const std::uint8_t* const* rows, std::size_t i, const Factors& windows,
                            float* const* sums) noexcept {
    if constexpr (Linear) {
        for (std::size_t at = i; at < i + Shorts::lanes; at += Floats::lanes) {
            Floats s = to_linear(Floats::load_bytes(rows[0] + at));
            Floats p = s, q = s;
            for (std::size_t j = 1; j < Rows; ++j) {
                s = s + to_linear(Floats::load_bytes(rows[j] + at));
                p = p + s;
                q = q + p;
            }
            windows.add(sums, at, s, p, q);
        }
    } else {
        Shorts s = Shorts::load_bytes(rows[0] + i);
        Shorts p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s = s + Shorts::load_bytes(rows[j] + i);
            p = p + s;
            q = q + p;
        }
        windows.add(sums, i, s.low(), p.low(), q.low());
        windows.add(sums, i + Floats::lanes, s.high(), p.high(), q.high());
    }
}

// Whether the alphas of a vector of pixels, in all rows of a group, are all 0, all 1, or neither.
enum class Kind { background, subject, mixed };

template <std::size_t Rows>
inline Kind kind_of(const std::int16_t* const* alphas, std::size_t x) noexcept {
    Shorts any = Shorts::load(alphas[0] + x), all = any;
    for (std::size_t j = 1; j < Rows; ++j) {
        const Shorts alpha = Shorts::load(alphas[j] + x);
        any = any | alpha;
        all = all & alpha;
    }
    if (any.is_zero()) return Kind::background;
    return (all - Shorts::broadcast(opaque)).is_zero() ? Kind::subject : Kind::mixed;
}

template <bool Linear, std::size_t Rows>
void reduce_background_of(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                          std::size_t width, const float* factors, float* const* sums) noexcept {
    const Factors windows(factors);
    constexpr std::size_t lanes = Shorts::lanes;
    std::size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
        const std::size_t i = 3 * x;
        const Kind kind = kind_of<Rows>(alphas, x);
        if (kind == Kind::background) {
            for (std::size_t part = 0; part < 3; ++part)
                reduce_plain_at<Linear, Rows>(rows, i + part * lanes, windows, sums);
        } else if (kind == Kind::mixed) {
            reduce_background_at<Linear, Rows, 0>(rows, alphas, x, i, windows, sums);
            reduce_background_at<Linear, Rows, 1>(rows, alphas, x, i + lanes, windows, sums);
            reduce_background_at<Linear, Rows, 2>(rows, alphas, x, i + 2 * lanes, windows, sums);
        }
    }
    for (std::size_t i = 3 * x; i < 3 * width; ++i) {
        float s = 0, p = 0, q = 0;
        for (std::size_t j = 0; j < Rows; ++j) {
            const float weight = 1.0f - alpha_unit * static_cast<float>(alphas[j][i / 3]);
            s += weight * sample<Linear>(static_cast<float>(rows[j][i]));
            p += s;
            q += p;
        }
        for (std::size_t w = 0; w < 3; ++w) sums[w][i] += window_sum(factors + 3 * w, s, p, q);
    }
}

template <bool Linear>
void reduce_background_as(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                          std::size_t count, std::size_t n, const float* factors,
                          float* const* sums) noexcept {
    switch (count) {
        case 2: return reduce_background_of<Linear, 2>(rows, alphas, n, factors, sums);
        case 4: return reduce_background_of<Linear, 4>(rows, alphas, n, factors, sums);
        default: return reduce_background_of<Linear, 8>(rows, alphas, n, factors, sums);
    }
}

void reduce_background(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                       std::size_t count, std::size_t n, const float* factors, float* const* sums,
                       bool linear) noexcept {
    if (linear)
        reduce_background_as<true>(rows, alphas, count, n, factors, sums);
    else
        reduce_background_as<false>(rows, alphas, count, n, factors, sums);
}

template <std::size_t Rows>
void reduce_weights_of(const std::int16_t* const* alphas, std::size_t n, const float* factors,
                       float* const* sums) noexcept {
    const Factors windows(factors);
    const Floats one = Floats::broadcast(1.0f), unit = Floats::broadcast(alpha_unit);
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes) {
        Floats s = one - unit * Floats::load_shorts(alphas[0] + i);
        Floats p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s = s + (one - unit * Floats::load_shorts(alphas[j] + i));
            p = p + s;
            q = q + p;
        }
        windows.add(sums, i, s, p, q);
    }
    for (; i < n; ++i) {
        float s = 0, p = 0, q = 0;
        for (std::size_t j = 0; j < Rows; ++j) {
            s += 1.0f - alpha_unit * static_cast<float>(alphas[j][i]);
            p += s;
            q += p;
        }
        for (std::size_t w = 0; w < 3; ++w) sums[w][i] += window_sum(factors + 3 * w, s, p, q);
    }
}

void reduce_weights(const std::int16_t* const* alphas, std::size_t count, std::size_t n,
                    const float* factors, float* const* sums) noexcept {
    switch (count) {
        case 2: return reduce_weights_of<2>(alphas, n, factors, sums);
        case 4: return reduce_weights_of<4>(alphas, n, factors, sums);
        default: return reduce_weights_of<8>(alphas, n, factors, sums);
    }
}

// out[m] = (in[2 m] + 3 in[2 m + 1] + 3 in[2 m + 2] + in[2 m + 3]) / 8: the prefilter for D = 2, of
// which the prefilters of larger D are cascades.
void halve(const float* __restrict row, std::size_t n, float* __restrict out) noexcept {
    for (std::size_t m = 0; m < n; ++m) {
        const float outer = row[2 * m] + row[2 * m + 3];
        const float inner = row[2 * m + 1] + row[2 * m + 2];
        out[m] = 0.125f * (outer + 3.0f * inner);
    }
}

}  // namespace
