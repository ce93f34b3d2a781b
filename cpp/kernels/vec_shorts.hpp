// Vectors of 16-bit integers; see vec.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "kernels/vec_floats.hpp"

namespace {

// Q7 samples are centred: (code - 127.5) * 128.  Two of them add up within 16 bits, which lets a
// symmetric FIR add before it multiplies, and there is room for interpolation to overshoot.
constexpr int q7_centre = 16320;

constexpr std::size_t short_lanes = DEFOCUS_VECTOR_BYTES / sizeof(std::int16_t);

// What the vectors below do, for the samples that are left over at the end of a row.
inline int mul_q15(int a, int b) noexcept {
    return (a * b + (1 << 14)) >> 15;
}
inline int add_clamped(int a, int b) noexcept {
    return a + b < -32768 ? -32768 : a + b > 32767 ? 32767 : a + b;
}
inline int select_less(int a, int b, int yes, int no) noexcept {
    return a < b ? yes : no;
}
inline int minimum(int a, int b) noexcept {
    return a < b ? a : b;
}
inline int maximum(int a, int b) noexcept {
    return a > b ? a : b;
}
template <std::size_t Count>
inline void copy_bytes(const std::uint8_t* from, std::uint8_t* to) noexcept {
    for (std::size_t i = 0; i < Count; ++i) to[i] = from[i];
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
    // Sums and differences that stop at the ends of 16 bits.
    friend Shorts add_clamped(Shorts a, Shorts b) noexcept { return {_mm512_adds_epi16(a.v, b.v)}; }
    friend Shorts minimum(Shorts a, Shorts b) noexcept { return {_mm512_min_epi16(a.v, b.v)}; }
    friend Shorts maximum(Shorts a, Shorts b) noexcept { return {_mm512_max_epi16(a.v, b.v)}; }
    friend Shorts select_less(Shorts a, Shorts b, Shorts yes, Shorts no) noexcept {
        return {_mm512_mask_blend_epi16(_mm512_cmplt_epi16_mask(a.v, b.v), no.v, yes.v)};
    }
    // Lane m: (p[2 m] + 3 p[2 m + 1] + 3 p[2 m + 2] + p[2 m + 3] + 4) / 8, rounded down.
    static Shorts halved(const std::int16_t* p) noexcept {
        const __m512i low = eighths(p), high = eighths(p + lanes);
        const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
        return {_mm512_permutexvar_epi64(order, _mm512_packs_epi32(low, high))};
    }
    static __m512i eighths(const std::int16_t* p) noexcept {
        const __m512i first = _mm512_madd_epi16(_mm512_loadu_si512(p), _mm512_set1_epi32(0x30001));
        const __m512i last =
            _mm512_madd_epi16(_mm512_loadu_si512(p + 2), _mm512_set1_epi32(0x10003));
        const __m512i sum = _mm512_add_epi32(_mm512_add_epi32(first, last), _mm512_set1_epi32(4));
        return _mm512_srai_epi32(sum, 3);
    }
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
    friend Shorts add_clamped(Shorts a, Shorts b) noexcept { return {_mm256_adds_epi16(a.v, b.v)}; }
    friend Shorts minimum(Shorts a, Shorts b) noexcept { return {_mm256_min_epi16(a.v, b.v)}; }
    friend Shorts maximum(Shorts a, Shorts b) noexcept { return {_mm256_max_epi16(a.v, b.v)}; }
    friend Shorts select_less(Shorts a, Shorts b, Shorts yes, Shorts no) noexcept {
        return {_mm256_blendv_epi8(no.v, yes.v, _mm256_cmpgt_epi16(b.v, a.v))};
    }
    static Shorts halved(const std::int16_t* p) noexcept {
        const __m256i packed = _mm256_packs_epi32(eighths(p), eighths(p + lanes));
        return {_mm256_permute4x64_epi64(packed, 0xd8)};
    }
    static __m256i eighths(const std::int16_t* p) noexcept {
        const auto* at = reinterpret_cast<const __m256i*>(p);
        const auto* after = reinterpret_cast<const __m256i*>(p + 2);
        const __m256i first = _mm256_madd_epi16(_mm256_loadu_si256(at), _mm256_set1_epi32(0x30001));
        const __m256i last =
            _mm256_madd_epi16(_mm256_loadu_si256(after), _mm256_set1_epi32(0x10003));
        const __m256i sum = _mm256_add_epi32(_mm256_add_epi32(first, last), _mm256_set1_epi32(4));
        return _mm256_srai_epi32(sum, 3);
    }
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
    friend Shorts add_clamped(Shorts a, Shorts b) noexcept { return {_mm_adds_epi16(a.v, b.v)}; }
    friend Shorts minimum(Shorts a, Shorts b) noexcept { return {_mm_min_epi16(a.v, b.v)}; }
    friend Shorts maximum(Shorts a, Shorts b) noexcept { return {_mm_max_epi16(a.v, b.v)}; }
    friend Shorts select_less(Shorts a, Shorts b, Shorts yes, Shorts no) noexcept {
        const __m128i less = _mm_cmplt_epi16(a.v, b.v);
        return {_mm_or_si128(_mm_and_si128(less, yes.v), _mm_andnot_si128(less, no.v))};
    }
    static Shorts halved(const std::int16_t* p) noexcept {
        return {_mm_packs_epi32(eighths(p), eighths(p + lanes))};
    }
    static __m128i eighths(const std::int16_t* p) noexcept {
        const auto* at = reinterpret_cast<const __m128i*>(p);
        const auto* after = reinterpret_cast<const __m128i*>(p + 2);
        const __m128i first = _mm_madd_epi16(_mm_loadu_si128(at), _mm_set1_epi32(0x30001));
        const __m128i last = _mm_madd_epi16(_mm_loadu_si128(after), _mm_set1_epi32(0x10003));
        const __m128i sum = _mm_add_epi32(_mm_add_epi32(first, last), _mm_set1_epi32(4));
        return _mm_srai_epi32(sum, 3);
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
    friend Shorts add_clamped(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) {
            const int sum = a.v[i] + b.v[i];
            return sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum;
        });
    }
    friend Shorts minimum(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
    }
    friend Shorts maximum(Shorts a, Shorts b) noexcept {
        return each([&](std::size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
    }
    friend Shorts select_less(Shorts a, Shorts b, Shorts yes, Shorts no) noexcept {
        return each([&](std::size_t i) { return a.v[i] < b.v[i] ? yes.v[i] : no.v[i]; });
    }
    static Shorts halved(const std::int16_t* p) noexcept {
        return each([p](std::size_t i) {
            return (p[2 * i] + 3 * (p[2 * i + 1] + p[2 * i + 2]) + p[2 * i + 3] + 4) >> 3;
        });
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

// One number in every lane, or as it is; see broadcast().
template <typename V>
inline V whole(int s) noexcept {
    return V::broadcast(static_cast<std::int16_t>(s));
}
template <>
inline int whole<int>(int s) noexcept {
    return s;
}

}  // namespace
