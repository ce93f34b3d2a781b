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

// The moments of Rows values, at(0) .. at(Rows - 1); V is a vector or a single sample.
template <typename V>
struct Moments {
    V s, p, q;
    template <std::size_t Rows, typename At>
    static Moments of(At at) noexcept {
        V s = at(std::size_t{0});
        V p = s, q = s;
        for (std::size_t j = 1; j < Rows; ++j) {
            s = s + at(j);
            p = p + s;
            q = q + p;
        }
        return {s, p, q};
    }
};

// Three windows and the nine factors with which moments are added to them.
class Windows {
  public:
    Windows(const float* factors, float* const* sums) noexcept : factors_(factors), sums_(sums) {
        for (int w = 0; w < 3; ++w)
            for (int m = 0; m < 3; ++m) wide_[w][m] = Floats::broadcast(factors[3 * w + m]);
    }
    void add(std::size_t i, const Moments<Floats>& m) const noexcept {
        for (int w = 0; w < 3; ++w) {
            float* sum = sums_[w] + i;
            const Floats* f = wide_[w];
            (Floats::load(sum) + ((f[0] * m.s + f[1] * m.p) + f[2] * m.q)).store(sum);
        }
    }
    void add(std::size_t i, const Moments<Shorts>& m) const noexcept {
        add(i, Moments<Floats>{m.s.low(), m.p.low(), m.q.low()});
        add(i + Floats::lanes, Moments<Floats>{m.s.high(), m.p.high(), m.q.high()});
    }
    void add(std::size_t i, const Moments<float>& m) const noexcept {
        for (int w = 0; w < 3; ++w) {
            const float* f = factors_ + 3 * w;
            sums_[w][i] += (f[0] * m.s + f[1] * m.p) + f[2] * m.q;
        }
    }

  private:
    const float* factors_;
    float* const* sums_;
    Floats wide_[3][3];
};

template <std::size_t N>
struct Count {
    static constexpr std::size_t rows = N;
};

// Calls with a number of rows that the compiler knows.
template <typename F>
inline void with_rows(std::size_t count, F f) noexcept {
    switch (count) {
        case 2: return f(Count<2>{});
        case 4: return f(Count<4>{});
        default: return f(Count<8>{});
    }
}

void reduce_bytes(const std::uint8_t* const* rows, std::size_t count, std::size_t n,
                  const float* factors, float* const* sums) noexcept {
    const Windows windows(factors, sums);
    with_rows(count, [&](auto known) {
        constexpr std::size_t group = decltype(known)::rows;
        std::size_t i = 0;
        for (; i + Shorts::lanes <= n; i += Shorts::lanes)
            windows.add(i, Moments<Shorts>::of<group>(
                               [&](std::size_t j) { return Shorts::load_bytes(rows[j] + i); }));
        for (; i < n; ++i)
            windows.add(i, Moments<float>::of<group>(
                               [&](std::size_t j) { return static_cast<float>(rows[j][i]); }));
    });
}

// What a group of rows holds at sample i, as vectors and singly.
template <typename At>
inline void reduce_each(std::size_t count, std::size_t n, const Windows& windows, At at) noexcept {
    with_rows(count, [&](auto known) {
        constexpr std::size_t group = decltype(known)::rows;
        std::size_t i = 0;
        for (; i + Floats::lanes <= n; i += Floats::lanes)
            windows.add(
                i, Moments<Floats>::of<group>([&](std::size_t j) { return at(Floats{}, j, i); }));
        for (; i < n; ++i)
            windows.add(
                i, Moments<float>::of<group>([&](std::size_t j) { return at(float{}, j, i); }));
    });
}

void reduce_floats(const float* const* rows, std::size_t count, std::size_t n, const float* factors,
                   float* const* sums) noexcept {
    reduce_each(count, n, Windows(factors, sums), [&](auto kind, std::size_t j, std::size_t i) {
        return load<decltype(kind)>(rows[j] + i);
    });
}

// ---- What of a picture is background: (1 - alpha) I.

constexpr float alpha_unit = 1.0f / 16384.0f;
constexpr std::int16_t opaque = 16384;

inline Floats weight_of(Floats alpha) noexcept {
    return Floats::broadcast(1.0f) - Floats::broadcast(alpha_unit) * alpha;
}
inline float weight_of(float alpha) noexcept {
    return 1.0f - alpha_unit * alpha;
}

inline Floats load_alpha(Floats, const std::int16_t* p) noexcept {
    return Floats::load_shorts(p);
}
inline float load_alpha(float, const std::int16_t* p) noexcept {
    return static_cast<float>(*p);
}

void reduce_weights(const std::int16_t* const* alphas, std::size_t count, std::size_t n,
                    const float* factors, float* const* sums) noexcept {
    reduce_each(count, n, Windows(factors, sums), [&](auto kind, std::size_t j, std::size_t i) {
        return weight_of(load_alpha(kind, alphas[j] + i));
    });
}

// What samples are summed as: codes, or the light they stand for.
template <bool Linear, typename V>
inline V sample(V code) noexcept {
    if constexpr (Linear)
        return to_linear(code);
    else
        return code;
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

// Samples from i on, `Part` of the three vectors that belong to the pixels from x on.
template <bool Linear, std::size_t Rows, int Part>
inline void reduce_background_at(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                                 std::size_t x, std::size_t i, Kind kind,
                                 const Windows& windows) noexcept {
    const auto values = [&](std::size_t j, std::size_t h) {
        return sample<Linear>(Floats::load_bytes(rows[j] + i + h * Floats::lanes));
    };
    if (kind == Kind::mixed) {
        windows.add(i, Moments<Floats>::of<Rows>([&](std::size_t j) {
                        return weight_of(Shorts::triple<Part>(alphas[j] + x).low()) * values(j, 0);
                    }));
        windows.add(i + Floats::lanes, Moments<Floats>::of<Rows>([&](std::size_t j) {
                        return weight_of(Shorts::triple<Part>(alphas[j] + x).high()) * values(j, 1);
                    }));
    } else if (Linear) {  // all of it background: the weights are 1
        for (std::size_t h = 0; h < 2; ++h)
            windows.add(i + h * Floats::lanes,
                        Moments<Floats>::of<Rows>([&](std::size_t j) { return values(j, h); }));
    } else {
        windows.add(i, Moments<Shorts>::of<Rows>(
                           [&](std::size_t j) { return Shorts::load_bytes(rows[j] + i); }));
    }
}

template <bool Linear, std::size_t Rows>
inline void reduce_background_of(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                                 std::size_t width, const Windows& windows) noexcept {
    constexpr std::size_t lanes = Shorts::lanes;
    std::size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
        const Kind kind = kind_of<Rows>(alphas, x);
        if (kind == Kind::subject) continue;
        const std::size_t i = 3 * x;
        reduce_background_at<Linear, Rows, 0>(rows, alphas, x, i, kind, windows);
        reduce_background_at<Linear, Rows, 1>(rows, alphas, x, i + lanes, kind, windows);
        reduce_background_at<Linear, Rows, 2>(rows, alphas, x, i + 2 * lanes, kind, windows);
    }
    for (std::size_t i = 3 * x; i < 3 * width; ++i)
        windows.add(i, Moments<float>::of<Rows>([&](std::size_t j) {
                        return weight_of(static_cast<float>(alphas[j][i / 3])) *
                               sample<Linear>(static_cast<float>(rows[j][i]));
                    }));
}

void reduce_background(const std::uint8_t* const* rows, const std::int16_t* const* alphas,
                       std::size_t count, std::size_t width, const float* factors,
                       float* const* sums, bool linear) noexcept {
    const Windows windows(factors, sums);
    with_rows(count, [&](auto known) {
        constexpr std::size_t group = decltype(known)::rows;
        if (linear)
            reduce_background_of<true, group>(rows, alphas, width, windows);
        else
            reduce_background_of<false, group>(rows, alphas, width, windows);
    });
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
