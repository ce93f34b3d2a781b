// Shorts, of 512 bits, in the instructions of AVX-512 BW.  Included by vec_shorts.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_floats.hpp"
#include "kernels/vec/vec_single.hpp"

namespace {

// The pixel of sample `Part * Lanes + i` of a row with three samples a pixel, relative to the pixel
// of the first such sample.
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
    __m512i v;
    static Shorts load(const std::int16_t* p) noexcept { return {_mm512_loadu_si512(p)}; }
    void store(std::int16_t* p) const noexcept { _mm512_storeu_si512(p, v); }
    static Shorts broadcast(std::int16_t s) noexcept { return {_mm512_set1_epi16(s)}; }
    static Shorts load_bytes(const std::uint8_t* p) noexcept {
        return {_mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
    }
    void store_bytes(std::uint8_t* p) const noexcept {
        const __m512i positive = _mm512_max_epi16(v, _mm512_setzero_si512());
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtusepi16_epi8(positive));
    }
    friend Shorts operator+(Shorts a, Shorts b) noexcept { return {_mm512_add_epi16(a.v, b.v)}; }
    friend Shorts operator-(Shorts a, Shorts b) noexcept { return {_mm512_sub_epi16(a.v, b.v)}; }
    bool is_zero() const noexcept { return _mm512_test_epi32_mask(v, v) == 0; }
    template <int Bits>
    Shorts shl() const noexcept {
        return {_mm512_slli_epi16(v, Bits)};
    }
    template <int Bits>
    Shorts sra() const noexcept {
        return {_mm512_srai_epi16(v, Bits)};
    }
    friend Shorts mul_q15(Shorts a, Shorts b) noexcept { return {_mm512_mulhrs_epi16(a.v, b.v)}; }
    friend Shorts add_clamped(Shorts a, Shorts b) noexcept { return {_mm512_adds_epi16(a.v, b.v)}; }
    friend Shorts minimum(Shorts a, Shorts b) noexcept { return {_mm512_min_epi16(a.v, b.v)}; }
    friend Shorts maximum(Shorts a, Shorts b) noexcept { return {_mm512_max_epi16(a.v, b.v)}; }
    friend Shorts select_less(Shorts a, Shorts b, Shorts yes, Shorts no) noexcept {
        return {_mm512_mask_blend_epi16(_mm512_cmplt_epi16_mask(a.v, b.v), no.v, yes.v)};
    }
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
    template <int Part>
    static Shorts triple(const std::int16_t* p) noexcept {
        static constexpr TripleIndex<32, Part> index;
        const auto* first = reinterpret_cast<const __m256i*>(p + Part * 32 / 3);
        return {_mm512_permutexvar_epi16(_mm512_load_si512(index.of),
                                         _mm512_castsi256_si512(_mm256_loadu_si256(first)))};
    }
    Floats low() const noexcept {
        return {
            (Floats::Register)_mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(v)))};
    }
    Floats high() const noexcept {
        return {(Floats::Register)_mm512_cvtepi32_ps(
            _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(v, 1)))};
    }
};

}  // namespace
