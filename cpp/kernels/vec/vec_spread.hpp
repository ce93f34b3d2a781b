// Copies each grid sample to all samples that are interpolated from it.
#pragma once

#include "kernels/vec/vec_shorts.hpp"

namespace {

// Pixels are processed in groups of this size: a whole number of vectors at every level.
constexpr std::size_t spread_pixels = 32;
// A step so large that a whole group comes from one grid pixel.
constexpr int one_grid_pixel = 2 * static_cast<int>(spread_pixels);

// Sample `First` of a group and those after it come from grid pixels of `Step` pixels each.  The
// row has `Channels` samples a pixel.  Of the first grid pixel the row has only the second half.
// The numbers of the grid samples count from `base`, the pixel of the first one.
template <int Step, int Channels, int First, int Lanes>
struct SpreadIndex {
    static_assert(Step <= static_cast<int>(spread_pixels) || Step == one_grid_pixel);
    static constexpr int base = (First / Channels + Step / 2) / Step * Channels;
    alignas(64) std::int16_t of[Lanes];
    alignas(64) std::int8_t bytes[2 * Lanes];
    constexpr SpreadIndex() noexcept : of{}, bytes{} {
        for (int i = 0; i < Lanes; ++i) {
            const int pixel = (First + i) / Channels, channel = (First + i) % Channels;
            const int sample = (pixel + Step / 2) / Step * Channels + channel - base;
            of[i] = static_cast<std::int16_t>(sample);
            bytes[2 * i] = static_cast<std::int8_t>(2 * sample);
            bytes[2 * i + 1] = static_cast<std::int8_t>(2 * sample + 1);
        }
    }
};

// Vector `Part` of a group.  Reads up to one vector from its first grid sample on.
template <int Step, int Channels, int Part>
DEFOCUS_INLINE Shorts spread(const std::int16_t* grid) noexcept {
    constexpr int first = Part * static_cast<int>(Shorts::lanes);
#if defined(DEFOCUS_AVX512)
    static constexpr SpreadIndex<Step, Channels, first, 32> index;
    return {_mm512_permutexvar_epi16(_mm512_load_si512(index.of),
                                     _mm512_loadu_si512(grid + index.base))};
#elif defined(DEFOCUS_AVX2)
    // Eight samples never need more than eight grid samples.
    static constexpr SpreadIndex<Step, Channels, first, 8> low;
    static constexpr SpreadIndex<Step, Channels, first + 8, 8> high;
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(grid + low.base));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(grid + high.base));
    const __m256i index =
        _mm256_setr_m128i(_mm_load_si128(reinterpret_cast<const __m128i*>(low.bytes)),
                          _mm_load_si128(reinterpret_cast<const __m128i*>(high.bytes)));
    return {_mm256_shuffle_epi8(_mm256_setr_m128i(a, b), index)};
#else
    static constexpr SpreadIndex<Step, Channels, first, static_cast<int>(Shorts::lanes)> index;
    std::int16_t samples[Shorts::lanes];
    for (std::size_t i = 0; i < Shorts::lanes; ++i) samples[i] = grid[index.base + index.of[i]];
    return Shorts::load(samples);
#endif
}

// row[index[i]] for ascending indices that grow by at most 1 from one to the next.  Reads up to one
// vector from row[index[0]] on.
inline Shorts gather(const std::int16_t* row, const std::int16_t* index) noexcept {
#if defined(DEFOCUS_AVX512)
    const __m512i at = _mm512_sub_epi16(_mm512_loadu_si512(index), _mm512_set1_epi16(index[0]));
    return {_mm512_permutexvar_epi16(at, _mm512_loadu_si512(row + index[0]))};
#elif defined(DEFOCUS_AVX2)
    const auto eight = [row](const std::int16_t* from) {
        const __m128i at = _mm_sub_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)),
                                         _mm_set1_epi16(from[0]));
        // Both bytes of a sample: twice its number, and one more.
        const __m128i bytes =
            _mm_add_epi16(_mm_mullo_epi16(at, _mm_set1_epi16(0x0202)), _mm_set1_epi16(0x0100));
        const auto* samples = reinterpret_cast<const __m128i*>(row + from[0]);
        return _mm_shuffle_epi8(_mm_loadu_si128(samples), bytes);
    };
    return {_mm256_setr_m128i(eight(index), eight(index + 8))};
#else
    std::int16_t samples[Shorts::lanes];
    for (std::size_t i = 0; i < Shorts::lanes; ++i) samples[i] = row[index[i]];
    return Shorts::load(samples);
#endif
}

}  // namespace
