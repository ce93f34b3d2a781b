// Vectors of floats; see vec.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_target.hpp"

namespace {

constexpr std::size_t float_lanes = DEFOCUS_VECTOR_BYTES / sizeof(float);

// ---------------------------------------------------------------- floats

struct Floats {
    static constexpr std::size_t lanes = float_lanes;
#if defined(DEFOCUS_VECTORS)
    typedef float Register __attribute__((vector_size(DEFOCUS_VECTOR_BYTES)));
    Register v;

    static Floats load(const float* p) noexcept {
        Floats r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    // Minus zero: compilers know that adding it changes nothing.  Plus zero would change -0.
    static Floats broadcast(float s) noexcept { return {s - Register{}}; }
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
#if defined(DEFOCUS_AVX512)
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {(Register)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b))};
#elif defined(DEFOCUS_AVX2)
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
#if defined(DEFOCUS_AVX512)
        const __m512 up = _mm512_add_ps((__m512)v, _mm512_set1_ps(0.5f));
        const __m512i i = _mm512_max_epi32(_mm512_cvttps_epi32(up), _mm512_setzero_si512());
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtusepi32_epi8(i));
#elif defined(DEFOCUS_AVX2)
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
    // The nearest 16-bit integers, halves up, for values from 0 on that fit.
    void store_shorts(std::int16_t* p) const noexcept {
#if defined(DEFOCUS_AVX512)
        const __m512 up = _mm512_add_ps((__m512)v, _mm512_set1_ps(0.5f));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                            _mm512_cvtepi32_epi16(_mm512_cvttps_epi32(up)));
#elif defined(DEFOCUS_AVX2)
        const __m256i i = _mm256_cvttps_epi32(_mm256_add_ps((__m256)v, _mm256_set1_ps(0.5f)));
        _mm_storeu_si128(
            reinterpret_cast<__m128i*>(p),
            _mm_packs_epi32(_mm256_castsi256_si128(i), _mm256_extracti128_si256(i, 1)));
#else
        float f[lanes];
        store(f);
        for (std::size_t i = 0; i < lanes; ++i)
            p[i] = static_cast<std::int16_t>(static_cast<std::int32_t>(f[i] + 0.5f));
#endif
    }
    // The same for values of either sign that fit.  The shift makes "halves up" true below 0, too.
    void store_signed(std::int16_t* p) const noexcept {
        constexpr int shift = 32768;
#if defined(DEFOCUS_AVX512)
        const __m512 up = _mm512_add_ps((__m512)v, _mm512_set1_ps(shift + 0.5f));
        const __m512i i = _mm512_sub_epi32(_mm512_cvttps_epi32(up), _mm512_set1_epi32(shift));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(i));
#elif defined(DEFOCUS_AVX2)
        const __m256 up = _mm256_add_ps((__m256)v, _mm256_set1_ps(shift + 0.5f));
        const __m256i i = _mm256_sub_epi32(_mm256_cvttps_epi32(up), _mm256_set1_epi32(shift));
        _mm_storeu_si128(
            reinterpret_cast<__m128i*>(p),
            _mm_packs_epi32(_mm256_castsi256_si128(i), _mm256_extracti128_si256(i, 1)));
#else
        float f[lanes];
        store(f);
        for (std::size_t i = 0; i < lanes; ++i)
            p[i] =
                static_cast<std::int16_t>(static_cast<std::int32_t>(f[i] + (shift + 0.5f)) - shift);
#endif
    }
    static Floats load_shorts(const std::int16_t* p) noexcept {
#if defined(DEFOCUS_AVX512)
        const __m256i s = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return {(Register)_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(s))};
#elif defined(DEFOCUS_AVX2)
        const __m128i s = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {(Register)_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(s))};
#else
        float f[lanes];
        for (std::size_t i = 0; i < lanes; ++i) f[i] = static_cast<float>(p[i]);
        return load(f);
#endif
    }
};

// The same names for a vector and for a single float.  A formula is written once, for the bulk of a
// row and for its last samples.
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

template <typename V>
inline V load(const std::uint8_t* p) noexcept {
    return V::load_bytes(p);
}
template <>
inline float load<float>(const std::uint8_t* p) noexcept {
    return static_cast<float>(*p);
}

// a < b ? yes : no
inline float select_less(float a, float b, float yes, float no) noexcept {
    return a < b ? yes : no;
}
inline Floats select_less(Floats a, Floats b, Floats yes, Floats no) noexcept {
#if defined(DEFOCUS_VECTORS)
    return {a.v < b.v ? yes.v : no.v};
#else
    return Floats::each([&](std::size_t i) { return a.v[i] < b.v[i] ? yes.v[i] : no.v[i]; });
#endif
}

inline float root(float v) noexcept {
#if defined(DEFOCUS_VECTORS)
    return __builtin_sqrtf(v);
#else
    return sqrtf(v);
#endif
}
inline Floats root(Floats a) noexcept {
#if defined(DEFOCUS_AVX512)
    return {(Floats::Register)_mm512_sqrt_ps((__m512)a.v)};
#elif defined(DEFOCUS_AVX2)
    return {(Floats::Register)_mm256_sqrt_ps((__m256)a.v)};
#else
    float f[Floats::lanes];
    a.store(f);
    for (std::size_t i = 0; i < Floats::lanes; ++i) f[i] = root(f[i]);
    return Floats::load(f);
#endif
}

// ---------------------------------------------------------------- eight floats

// Eight floats at every level: the unit of horizontal interpolation, whose cells are 2, 4, 8, 16
// ... samples wide.
struct Eight {
#if defined(DEFOCUS_VECTORS)
    typedef float Register __attribute__((vector_size(32)));
    Register v;
    static Eight load(const float* p) noexcept {
        Eight r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    static Eight broadcast(float s) noexcept { return {s - Register{}}; }
    void store(float* p) const noexcept { __builtin_memcpy(p, &v, sizeof(v)); }
    friend Eight operator+(Eight a, Eight b) noexcept { return {a.v + b.v}; }
    friend Eight operator-(Eight a, Eight b) noexcept { return {a.v - b.v}; }
    friend Eight operator*(Eight a, Eight b) noexcept { return {a.v * b.v}; }
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
    friend Eight operator-(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] -= b.v[i];
        return a;
    }
    friend Eight operator*(Eight a, Eight b) noexcept {
        for (int i = 0; i < 8; ++i) a.v[i] *= b.v[i];
        return a;
    }
#endif
    // p[0] for the first `Step` floats, p[1] for the next `Step`, and so on.  Reads eight floats if
    // Step < 8.
    template <std::size_t Step>
    static Eight spread(const float* p) noexcept {
        if constexpr (Step >= 8) {
            return broadcast(p[0]);
        } else {
#if defined(DEFOCUS_AVX512) || defined(DEFOCUS_AVX2)
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
};

}  // namespace
