// Sums of a symmetric FIR: taps[0] in the middle, taps[k] on both sides at distance k.  The two
// samples are added first, which halves the multiplications.
//
// In 16-bit integers (centred Q7, taps in Q15) every product is rounded.  This costs .01 of a
// level.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// The same names for vectors and for single samples of either type.
inline Floats weighed(Floats sample, Floats tap) noexcept {
    return tap * sample;
}
inline float weighed(float sample, float tap) noexcept {
    return tap * sample;
}
inline Shorts weighed(Shorts sample, Shorts tap) noexcept {
    return mul_q15(sample, tap);
}
inline int weighed(int sample, int tap) noexcept {
    return mul_q15(sample, tap);
}

inline Floats sample_at(Floats, const float* p) noexcept {
    return Floats::load(p);
}
inline float sample_at(float, const float* p) noexcept {
    return *p;
}
inline Shorts sample_at(Shorts, const std::int16_t* p) noexcept {
    return Shorts::load(p);
}
inline int sample_at(int, const std::int16_t* p) noexcept {
    return *p;
}
inline Shorts sample_at(Shorts, const std::uint8_t* p) noexcept {
    return Shorts::load_bytes(p);
}
inline int sample_at(int, const std::uint8_t* p) noexcept {
    return *p;
}

inline Floats broadcast_tap(Floats, float tap) noexcept {
    return Floats::broadcast(tap);
}
inline float broadcast_tap(float, float tap) noexcept {
    return tap;
}
inline Shorts broadcast_tap(Shorts, std::int16_t tap) noexcept {
    return Shorts::broadcast(tap);
}
inline int broadcast_tap(int, std::int16_t tap) noexcept {
    return tap;
}

// The vector type of a sample type, and the type of a single number.
template <typename Tap>
struct Kinds;
template <>
struct Kinds<float> {
    using Wide = Floats;
    using Narrow = float;
};
template <>
struct Kinds<std::int16_t> {
    using Wide = Shorts;
    using Narrow = int;
};

// Pointers to the samples at distance k on both sides of the first output.
template <typename Sample>
struct Sides {
    const Sample *left, *right;
};

// The columns of several rows, and one row along itself; `middle` has the distance 0.
template <typename Sample>
struct Columns {
    const Sample* const* middle;
    Sides<Sample> at(std::size_t k) const noexcept { return {*(middle - k), middle[k]}; }
};
template <typename Sample>
struct AlongRow {
    const Sample* middle;
    std::size_t distance;
    Sides<Sample> at(std::size_t k) const noexcept {
        return {middle - k * distance, middle + k * distance};
    }
};

// How samples, and sums of two samples, are converted.
struct AsTheyAre {
    template <typename V>
    static V of(V sum, int) noexcept {
        return sum;
    }
};
struct CentredBytes {
    static Shorts of(Shorts sum, int bytes) noexcept {
        return sum.shl<7>() - whole<Shorts>(bytes * q7_centre);
    }
    static int of(int sum, int bytes) noexcept { return (sum << 7) - bytes * q7_centre; }
};

// `Count` sums from i on, of vectors or single samples; `Step` lies between them.
template <typename Taken, typename V, std::size_t Count, std::size_t Step, typename Tap,
          typename From>
inline void fir_sums(const Tap* taps, std::size_t radius, std::size_t i, const From& from,
                     V* sum) noexcept {
    const auto middle = from.at(0).left + i;
    const V first = broadcast_tap(V{}, taps[0]);
    for (std::size_t v = 0; v < Count; ++v)
        sum[v] = weighed(Taken::of(sample_at(V{}, middle + v * Step), 1), first);
    for (std::size_t k = 1; k <= radius; ++k) {
        const auto sides = from.at(k);
        const auto left = sides.left + i, right = sides.right + i;
        const V tap = broadcast_tap(V{}, taps[k]);
        for (std::size_t v = 0; v < Count; ++v) {
            const V both = sample_at(V{}, left + v * Step) + sample_at(V{}, right + v * Step);
            sum[v] = sum[v] + weighed(Taken::of(both, 2), tap);
        }
    }
}

// Four vectors at a time share the loads of taps and row pointers.  `outs` are `count` rows; row j
// reads from from(j).
template <typename Taken, typename Tap, typename From>
inline void fir(const Tap* taps, std::size_t radius, std::size_t n, Tap* const* outs,
                std::size_t count, From from) noexcept {
    using Wide = typename Kinds<Tap>::Wide;
    using Narrow = typename Kinds<Tap>::Narrow;
    constexpr std::size_t lanes = Wide::lanes;
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes)
        for (std::size_t j = 0; j < count; ++j) {
            Wide sum[4];
            fir_sums<Taken, Wide, 4, lanes>(taps, radius, i, from(j), sum);
            for (std::size_t v = 0; v < 4; ++v) sum[v].store(outs[j] + i + v * lanes);
        }
    for (; i + lanes <= n; i += lanes)
        for (std::size_t j = 0; j < count; ++j) {
            Wide sum;
            fir_sums<Taken, Wide, 1, lanes>(taps, radius, i, from(j), &sum);
            sum.store(outs[j] + i);
        }
    for (; i < n; ++i)
        for (std::size_t j = 0; j < count; ++j) {
            Narrow sum;
            fir_sums<Taken, Narrow, 1, 1>(taps, radius, i, from(j), &sum);
            outs[j][i] = static_cast<Tap>(sum);
        }
}

void fir_columns(const float* const* rows, const float* taps, std::size_t radius, std::size_t n,
                 float* const* outs, std::size_t count) noexcept {
    fir<AsTheyAre>(taps, radius, n, outs, count,
                   [=](std::size_t j) { return Columns<float>{rows + j + radius}; });
}

void fir_columns_q7(const std::int16_t* const* rows, const std::int16_t* taps, std::size_t radius,
                    std::size_t n, std::int16_t* const* outs, std::size_t count) noexcept {
    fir<AsTheyAre>(taps, radius, n, outs, count,
                   [=](std::size_t j) { return Columns<std::int16_t>{rows + j + radius}; });
}

void fir_columns_bytes(const std::uint8_t* const* rows, const std::int16_t* taps,
                       std::size_t radius, std::size_t n, std::int16_t* out) noexcept {
    fir<CentredBytes>(taps, radius, n, &out, 1,
                      [=](std::size_t) { return Columns<std::uint8_t>{rows + radius}; });
}

void fir_row(const float* row, const float* taps, std::size_t radius, std::size_t n,
             float* out) noexcept {
    fir<AsTheyAre>(taps, radius, n, &out, 1,
                   [=](std::size_t) { return AlongRow<float>{row + radius, 1}; });
}

void fir_row_q7(const std::int16_t* row, const std::int16_t* taps, std::size_t radius,
                std::size_t channels, std::size_t n, std::int16_t* out) noexcept {
    const std::int16_t* middle = row + radius * channels;
    fir<AsTheyAre>(taps, radius, n, &out, 1,
                   [=](std::size_t) { return AlongRow<std::int16_t>{middle, channels}; });
}

}  // namespace
