// The level's vectors: floats, and 16-bit integers, as wide as the level's registers.
//
// Floats use GCC's and Clang's vector extensions, which lower to SSE2, AVX2, AVX-512 or NEON by
// width alone.  The few things these do badly or lack (converting between sample sizes, the
// rounded high multiply) are spelled out for x86 below; every other target, and any compiler
// without extensions, takes the plain loops, with the same results bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#elif !defined(__GNUC__)
#include <math.h>
#endif

namespace {

constexpr std::size_t float_lanes = DEFOCUS_VECTOR_BYTES / sizeof(float);
constexpr std::size_t short_lanes = DEFOCUS_VECTOR_BYTES / sizeof(std::int16_t);

// ---------------------------------------------------------------- floats

struct Floats {
    static constexpr std::size_t lanes = float_lanes;
#if defined(__GNUC__)
    typedef float Register __attribute__((vector_size(DEFOCUS_VECTOR_BYTES)));
    Register v;

    static Floats load(const float* p) noexcept {
        Floats r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    static Floats broadcast(float s) noexcept { return {Register{} + s}; }
    void store(float* p) const noexcept { __builtin_memcpy(p, &v, sizeof(v)); }
    friend Floats operator+(Floats a, Floats b) noexcept { return {a.v + b.v}; }
    friend Floats operator-(Floats a, Floats b) noexcept { return {a.v - b.v}; }
    friend Floats operator*(Floats a, Floats b) noexcept { return {a.v * b.v}; }
    friend Floats operator/(Floats a, Floats b) noexcept { return {a.v / b.v}; }
#else
    float v[lanes];

    template <typename F>
    static Floats each(F f) noexcept {
        Floats r;
        for (std::size_t i = 0; i < lanes; ++i) r.v[i] = f(i);
        return r;
    }
    static Floats load(const float* p) noexcept {
        return each([p](std::size_t i) { return p[i]; });
    }
    static Floats broadcast(float s) noexcept {
        return each([s](std::size_t) { return s; });
    }
    void store(float* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i) p[i] = v[i];
    }
    friend Floats operator+(Floats a, Floats b) noexcept {
        return each([&](std::size_t i) { return a.v[i] + b.v[i]; });
    }
    friend Floats operator-(Floats a, Floats b) noexcept {
        return each([&](std::size_t i) { return a.v[i] - b.v[i]; });
    }
    friend Floats operator*(Floats a, Floats b) noexcept {
        return each([&](std::size_t i) { return a.v[i] * b.v[i]; });
    }
    friend Floats operator/(Floats a, Floats b) noexcept {
        return each([&](std::size_t i) { return a.v[i] / b.v[i]; });
    }
#endif

    static Floats load_bytes(const std::uint8_t* p) noexcept {
#if defined(__AVX512BW__)
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {(Register)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b))};
#elif defined(__AVX2__)
        const __m128i b = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {(Register)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(b))};
#else
        float f[lanes];
        for (std::size_t i = 0; i < lanes; ++i) f[i] = static_cast<float>(p[i]);
        return load(f);
#endif
    }
    // Rounded (halves up) and clamped to 0..255.
    void store_bytes(std::uint8_t* p) const noexcept {
#if defined(__AVX512BW__)
        const __m512 up = _mm512_add_ps((__m512)v, _mm512_set1_ps(0.5f));
        const __m512i i = _mm512_max_epi32(_mm512_cvttps_epi32(up), _mm512_setzero_si512());
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtusepi32_epi8(i));
#elif defined(__AVX2__)
        const __m256i i = _mm256_cvttps_epi32(_mm256_add_ps((__m256)v, _mm256_set1_ps(0.5f)));
        const __m128i s =
            _mm_packs_epi32(_mm256_castsi256_si128(i), _mm256_extracti128_si256(i, 1));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(s, s));
#else
        float f[lanes];
        store(f);
        for (std::size_t i = 0; i < lanes; ++i) {
            const float up = f[i] + 0.5f;
            p[i] = static_cast<std::uint8_t>(up < 0.0f     ? 0
                                             : up < 255.0f ? static_cast<int>(up)
                                                           : 255);
        }
#endif
    }
    static Floats load_shorts(const std::int16_t* p) noexcept {
#if defined(__AVX512BW__)
        const __m256i s = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return {(Register)_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(s))};
#elif defined(__AVX2__)
        const __m128i s = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {(Register)_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(s))};
#else
        float f[lanes];
        for (std::size_t i = 0; i < lanes; ++i) f[i] = static_cast<float>(p[i]);
        return load(f);
#endif
    }
};

// The same for a vector and for a single float, so that a formula is written once for the bulk
// of a row and for its last samples.
template <typename V>
inline V broadcast(float s) noexcept {
    return V::broadcast(s);
}
template <>
inline float broadcast<float>(float s) noexcept {
    return s;
}
template <typename V>
inline V load(const float* p) noexcept {
    return V::load(p);
}
template <>
inline float load<float>(const float* p) noexcept {
    return *p;
}

// a < b ? yes : no
inline float select_less(float a, float b, float yes, float no) noexcept {
    return a < b ? yes : no;
}
inline Floats select_less(Floats a, Floats b, Floats yes, Floats no) noexcept {
#if defined(__GNUC__)
    return {a.v < b.v ? yes.v : no.v};
#else
    return Floats::each([&](std::size_t i) { return a.v[i] < b.v[i] ? yes.v[i] : no.v[i]; });
#endif
}

inline float root(float v) noexcept {
#if defined(__GNUC__)
    return __builtin_sqrtf(v);
#else
    return sqrtf(v);
#endif
}
inline Floats root(Floats a) noexcept {
#if defined(__AVX512BW__)
    return {(Floats::Register)_mm512_sqrt_ps((__m512)a.v)};
#elif defined(__AVX2__)
    return {(Floats::Register)_mm256_sqrt_ps((__m256)a.v)};
#else
    float f[Floats::lanes];
    a.store(f);
    for (std::size_t i = 0; i < Floats::lanes; ++i) f[i] = root(f[i]);
    return Floats::load(f);
#endif
}

// ---------------------------------------------------------------- eight floats

// Eight floats whatever the level: the unit of horizontal interpolation, whose cells are 2, 4, 8,
// 16 ... samples wide.
struct Eight {
#if defined(__GNUC__)
    typedef float Register __attribute__((vector_size(32)));
    Register v;
    static Eight load(const float* p) noexcept {
        Eight r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    static Eight broadcast(float s) noexcept { return {Register{} + s}; }
    void store(float* p) const noexcept { __builtin_memcpy(p, &v, sizeof(v)); }
    friend Eight operator+(Eight a, Eight b) noexcept { return {a.v + b.v}; }
    friend Eight operator*(Eight a, Eight b) noexcept { return {a.v * b.v}; }
    friend Eight operator/(Eight a, Eight b) noexcept { return {a.v / b.v}; }
    friend Eight smaller(Eight a, Eight b) noexcept { return {a.v < b.v ? a.v : b.v}; }
    friend Eight larger(Eight a, Eight b) noexcept { return {a.v > b.v ? a.v : b.v}; }
#else
    float v[8];
    static Eight load(const float* p) noexcept {
        Eight r;
        for (int i = 0; i < 8; ++i) r.v[i] = p[i];
        return r;
    }
    static Eight broadcast(float s) noexcept {
        Eight r;
        for (int i = 0; i < 8; ++i) r.v[i] = s;
        return r;
    }
    void store(float* p) const noexcept {
        for (int i = 0; i < 8; ++i) p[i] = v[i];
    }
    friend Eight operator+(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] += b.v[i];
        return a;
    }
    friend Eight operator*(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] *= b.v[i];
        return a;
    }
    friend Eight operator/(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] /= b.v[i];
        return a;
    }
    friend Eight smaller(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i];
        return a;
    }
    friend Eight larger(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i];
        return a;
    }
#endif
    // p[0] for the first `Step` floats, p[1] for the next, ...; reads eight floats if Step < 8.
    template <std::size_t Step>
    static Eight spread(const float* p) noexcept {
        if constexpr (Step >= 8) {
            return broadcast(p[0]);
        } else {
#if defined(__AVX2__)
            const int s = static_cast<int>(Step);
            const __m256i index =
                _mm256_setr_epi32(0, 1 / s, 2 / s, 3 / s, 4 / s, 5 / s, 6 / s, 7 / s);
            return {(Register)_mm256_permutevar8x32_ps(_mm256_loadu_ps(p), index)};
#else
            float f[8];
            for (std::size_t i = 0; i < 8; ++i) f[i] = p[i / Step];
            return load(f);
#endif
        }
    }
    // The nearest 16-bit integers, halves up; for values from 0 on that fit.
    void store_shorts(std::int16_t* p) const noexcept {
        const Eight up = *this + broadcast(0.5f);
#if defined(__AVX2__)
        const __m256i i = _mm256_cvttps_epi32((__m256)up.v);
        _mm_storeu_si128(
            reinterpret_cast<__m128i*>(p),
            _mm_packs_epi32(_mm256_castsi256_si128(i), _mm256_extracti128_si256(i, 1)));
#else
        float f[8];
        up.store(f);
        for (int i = 0; i < 8; ++i)
            p[i] = static_cast<std::int16_t>(static_cast<std::int32_t>(f[i]));
#endif
    }
    // As Q7; for values 0 .. 255.
    void store_q7(std::int16_t* p) const noexcept { (*this * broadcast(128.0f)).store_shorts(p); }
};

// ---------------------------------------------------------------- 16-bit integers

// What the vectors below do, for the samples that are left over at the end of a row.
inline int mul_q15(int a, int b) noexcept {
    return (a * b + (1 << 14)) >> 15;
}
inline std::uint8_t clamp_byte(int v) noexcept {
    return static_cast<std::uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
}

// Pixel of sample `Part * Lanes + i` of a row with three samples a pixel, from the first such on.
template <int Lanes, int Part>
struct TripleIndex {
    alignas(64) std::int16_t of[Lanes];
    constexpr TripleIndex() noexcept : of{} {
        for (int i = 0; i < Lanes; ++i)
            of[i] = static_cast<std::int16_t>((Part * Lanes + i) / 3 - Part * Lanes / 3);
    }
};

struct Shorts {
    static constexpr std::size_t lanes = short_lanes;
#if defined(__AVX512BW__)
    __m512i v;
    static Shorts load(const std::int16_t* p) noexcept { return {_mm512_loadu_si512(p)}; }
    void store(std::int16_t* p) const noexcept { _mm512_storeu_si512(p, v); }
    static Shorts broadcast(std::int16_t s) noexcept { return {_mm512_set1_epi16(s)}; }
    static Shorts load_bytes(const std::uint8_t* p) noexcept {
        return {_mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
    }
    // Clamps to 0..255.
    void store_bytes(std::uint8_t* p) const noexcept {
        const __m512i positive = _mm512_max_epi16(v, _mm512_setzero_si512());
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtusepi16_epi8(positive));
    }
    friend Shorts operator+(Shorts a, Shorts b) noexcept { return {_mm512_add_epi16(a.v, b.v)}; }
    friend Shorts operator-(Shorts a, Shorts b) noexcept { return {_mm512_sub_epi16(a.v, b.v)}; }
    friend Shorts operator&(Shorts a, Shorts b) noexcept { return {_mm512_and_si512(a.v, b.v)}; }
    friend Shorts operator|(Shorts a, Shorts b) noexcept { return {_mm512_or_si512(a.v, b.v)}; }
    bool is_zero() const noexcept { return _mm512_test_epi32_mask(v, v) == 0; }
    template <int Bits>
    Shorts shl() const noexcept {
        return {_mm512_slli_epi16(v, Bits)};
    }
    template <int Bits>
    Shorts sra() const noexcept {
        return {_mm512_srai_epi16(v, Bits)};
    }
    // (a b + 2^14) >> 15: the product of a number and a Q15 factor, rounded.
    friend Shorts mul_q15(Shorts a, Shorts b) noexcept { return {_mm512_mulhrs_epi16(a.v, b.v)}; }
    // Sample s of three vectors of these, one after the other, is p[s / 3]: what lies beside every
    // channel of `lanes` pixels.  Part is which of the three; reads up to 8 samples beyond them.
    template <int Part>
    static Shorts triple(const std::int16_t* p) noexcept {
        static constexpr TripleIndex<32, Part> index;
        const auto* first = reinterpret_cast<const __m256i*>(p + Part * 32 / 3);
        return {_mm512_permutexvar_epi16(_mm512_load_si512(index.of),
                                         _mm512_castsi256_si512(_mm256_loadu_si256(first)))};
    }
    // The lower and the upper half as floats, taken as unsigned.
    Floats low() const noexcept {
        return {
            (Floats::Register)_mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(v)))};
    }
    Floats high() const noexcept {
        return {(Floats::Register)_mm512_cvtepi32_ps(
            _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(v, 1)))};
    }
#elif defined(__AVX2__)
    __m256i v;
    static Shorts load(const std::int16_t* p) noexcept {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
    }
    void store(std::int16_t* p) const noexcept {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
    }
    static Shorts broadcast(std::int16_t s) noexcept { return {_mm256_set1_epi16(s)}; }
    static Shorts load_bytes(const std::uint8_t* p) noexcept {
        return {_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
    }
    void store_bytes(std::uint8_t* p) const noexcept {
        const __m128i packed =
            _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), packed);
    }
    friend Shorts operator+(Shorts a, Shorts b) noexcept { return {_mm256_add_epi16(a.v, b.v)}; }
    friend Shorts operator-(Shorts a, Shorts b) noexcept { return {_mm256_sub_epi16(a.v, b.v)}; }
    friend Shorts operator&(Shorts a, Shorts b) noexcept { return {_mm256_and_si256(a.v, b.v)}; }
    friend Shorts operator|(Shorts a, Shorts b) noexcept { return {_mm256_or_si256(a.v, b.v)}; }
    bool is_zero() const noexcept { return _mm256_testz_si256(v, v) != 0; }
    template <int Bits>
    Shorts shl() const noexcept {
        return {_mm256_slli_epi16(v, Bits)};
    }
    template <int Bits>
    Shorts sra() const noexcept {
        return {_mm256_srai_epi16(v, Bits)};
    }
    friend Shorts mul_q15(Shorts a, Shorts b) noexcept { return {_mm256_mulhrs_epi16(a.v, b.v)}; }
    template <int Part>
    static Shorts triple(const std::int16_t* p) noexcept {
        constexpr int first = Part * 16, base = first / 3;
        const auto at = [](int s) {  // both bytes of the sample that stands at s
            const int sample = (first + s) / 3 - base;
            return static_cast<std::int16_t>((2 * sample + 1) * 256 + 2 * sample);
        };
        const __m256i index =
            _mm256_setr_epi16(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9),
                              at(10), at(11), at(12), at(13), at(14), at(15));
        const __m128i from = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + base));
        return {_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(from), index)};
    }
    Floats low() const noexcept {
        return {
            (Floats::Register)_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm256_castsi256_si128(v)))};
    }
    Floats high() const noexcept {
        return {(Floats::Register)_mm256_cvtepi32_ps(
            _mm256_cvtepu16_epi32(_mm256_extracti128_si256(v, 1)))};
    }
#elif defined(__SSE2__) && defined(__GNUC__)
    __m128i v;
    static Shorts load(const std::int16_t* p) noexcept {
        return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
    }
    void store(std::int16_t* p) const noexcept {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v);
    }
    static Shorts broadcast(std::int16_t s) noexcept { return {_mm_set1_epi16(s)}; }
    static Shorts load_bytes(const std::uint8_t* p) noexcept {
        const __m128i b = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm_unpacklo_epi8(b, _mm_setzero_si128())};
    }
    void store_bytes(std::uint8_t* p) const noexcept {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(v, v));
    }
    friend Shorts operator+(Shorts a, Shorts b) noexcept { return {_mm_add_epi16(a.v, b.v)}; }
    friend Shorts operator-(Shorts a, Shorts b) noexcept { return {_mm_sub_epi16(a.v, b.v)}; }
    friend Shorts operator&(Shorts a, Shorts b) noexcept { return {_mm_and_si128(a.v, b.v)}; }
    friend Shorts operator|(Shorts a, Shorts b) noexcept { return {_mm_or_si128(a.v, b.v)}; }
    bool is_zero() const noexcept {
        return _mm_movemask_epi8(_mm_cmpeq_epi16(v, _mm_setzero_si128())) == 0xffff;
    }
    template <int Bits>
    Shorts shl() const noexcept {
        return {_mm_slli_epi16(v, Bits)};
    }
    template <int Bits>
    Shorts sra() const noexcept {
        return {_mm_srai_epi16(v, Bits)};
    }
    // SSE2 has no rounded high multiply: twice the high half, plus the two top bits of the low
    // half, rounded.
    friend Shorts mul_q15(Shorts a, Shorts b) noexcept {
        const __m128i high = _mm_mulhi_epi16(a.v, b.v);
        const __m128i top = _mm_srli_epi16(_mm_mullo_epi16(a.v, b.v), 14);
        const __m128i carry = _mm_srli_epi16(_mm_add_epi16(top, _mm_set1_epi16(1)), 1);
        return {_mm_add_epi16(_mm_add_epi16(high, high), carry)};
    }
    template <int Part>
    static Shorts triple(const std::int16_t* p) noexcept {
        std::int16_t samples[lanes];
        for (std::size_t i = 0; i < lanes; ++i) samples[i] = p[(Part * lanes + i) / 3];
        return load(samples);
    }
    Floats low() const noexcept {
        return {(Floats::Register)_mm_cvtepi32_ps(_mm_unpacklo_epi16(v, _mm_setzero_si128()))};
    }
    Floats high() const noexcept {
        return {(Floats::Register)_mm_cvtepi32_ps(_mm_unpackhi_epi16(v, _mm_setzero_si128()))};
    }
#else
    std::int16_t v[lanes];

    template <typename F>
    static Shorts each(F f) noexcept {
        Shorts r;
        for (std::size_t i = 0; i < lanes; ++i) r.v[i] = static_cast<std::int16_t>(f(i));
        return r;
    }
    static Shorts load(const std::int16_t* p) noexcept {
        return each([p](std::size_t i) { return p[i]; });
    }
    void store(std::int16_t* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i) p[i] = v[i];
    }
    static Shorts broadcast(std::int16_t s) noexcept {
        return each([s](std::size_t) { return s; });
    }
    static Shorts load_bytes(const std::uint8_t* p) noexcept {
        return each([p](std::size_t i) { return p[i]; });
    }
    void store_bytes(std::uint8_t* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i)
            p[i] = static_cast<std::uint8_t>(v[i] < 0 ? 0 : v[i] > 255 ? 255 : v[i]);
    }
    friend Shorts operator+(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] + b.v[i]; });
    }
    friend Shorts operator-(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] - b.v[i]; });
    }
    friend Shorts operator&(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] & b.v[i]; });
    }
    friend Shorts operator|(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] | b.v[i]; });
    }
    bool is_zero() const noexcept {
        int any = 0;
        for (std::size_t i = 0; i < lanes; ++i) any |= v[i];
        return any == 0;
    }
    template <int Bits>
    Shorts shl() const noexcept {
        return each([&](std::size_t i) { return v[i] * (1 << Bits); });
    }
    template <int Bits>
    Shorts sra() const noexcept {
        return each([&](std::size_t i) { return v[i] >> Bits; });
    }
    friend Shorts mul_q15(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return (a.v[i] * b.v[i] + (1 << 14)) >> 15; });
    }
    template <int Part>
    static Shorts triple(const std::int16_t* p) noexcept {
        std::int16_t samples[lanes];
        for (std::size_t i = 0; i < lanes; ++i) samples[i] = p[(Part * lanes + i) / 3];
        return load(samples);
    }
    Floats low() const noexcept { return half(0); }
    Floats high() const noexcept { return half(lanes / 2); }
    Floats half(std::size_t first) const noexcept {
        float f[lanes / 2];
        for (std::size_t i = 0; i < lanes / 2; ++i)
            f[i] = static_cast<float>(static_cast<std::uint16_t>(v[first + i]));
        return Floats::load(f);
    }
#endif
};

}  // namespace
