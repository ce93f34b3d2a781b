// Vectors of 16-bit integers; see vec.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "kernels/vec_floats.hpp"

namespace {

constexpr std::size_t short_lanes = DEFOCUS_VECTOR_BYTES / sizeof(std::int16_t);

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
