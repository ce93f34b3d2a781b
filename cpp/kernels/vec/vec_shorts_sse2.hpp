// Shorts, of 128 bits, in the instructions of SSE2.  Included by vec_shorts.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_floats.hpp"
#include "kernels/vec/vec_single.hpp"

namespace {

struct Shorts {
    static constexpr std::size_t lanes = short_lanes;
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
    // SSE2 has no rounded high multiply: twice the high half plus the two top bits of the low half,
    // rounded.
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
};

}  // namespace
