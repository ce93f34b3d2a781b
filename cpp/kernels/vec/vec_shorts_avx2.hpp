// Shorts, of 256 bits, in the instructions of AVX2.  Included by vec_shorts.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_floats.hpp"
#include "kernels/vec/vec_single.hpp"

namespace {

struct Shorts {
    static constexpr std::size_t lanes = short_lanes;
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
};

}  // namespace
