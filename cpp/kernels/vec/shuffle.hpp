// Interleaved pixels to planes and back, by byte shuffles where the level has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_target.hpp"

namespace {

#if defined(DEFOCUS_BYTE_SHUFFLES)

// Interleaving three planes: the byte of plane c that goes to byte b of each 16-byte output, or -1.
// `Size` is that of a sample.
template <int Size>
struct ThreeWay {
    alignas(16) std::int8_t from[3][3][16];  // [output][plane]
    constexpr ThreeWay() noexcept : from{} {
        for (int out = 0; out < 3; ++out)
            for (int plane = 0; plane < 3; ++plane)
                for (int b = 0; b < 16; ++b) {
                    const int sample = (16 * out + b) / Size;
                    const int byte = sample / 3 * Size + b % Size;
                    from[out][plane][b] = static_cast<std::int8_t>(sample % 3 == plane ? byte : -1);
                }
    }
};

// Interleaves whole groups of pixels.  Returns the number of pixels done.
template <typename T>
inline std::size_t merge_three(const T* planes, std::size_t stride, std::size_t width,
                               T* pixels) noexcept {
    if constexpr (sizeof(T) > 2) return 0;
    constexpr std::size_t group = 16 / sizeof(T);
    static constexpr ThreeWay<sizeof(T)> index;
    std::size_t x = 0;
    for (; x + group <= width; x += group) {
        __m128i in[3];
        for (std::size_t c = 0; c < 3; ++c)
            in[c] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(planes + c * stride + x));
        for (std::size_t out = 0; out < 3; ++out) {
            __m128i merged = _mm_setzero_si128();
            for (std::size_t c = 0; c < 3; ++c) {
                const auto* from = reinterpret_cast<const __m128i*>(index.from[out][c]);
                merged = _mm_or_si128(merged, _mm_shuffle_epi8(in[c], _mm_load_si128(from)));
            }
            _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels + 3 * x + out * group), merged);
        }
    }
    return x;
}

// Splitting interleaved pixels: the byte of input vector v that goes to byte b of each plane, or
// -1. `Size` is that of a sample.
template <int Size>
struct ThreePlanes {
    alignas(16) std::int8_t from[3][3][16];  // [plane][vector]
    constexpr ThreePlanes() noexcept : from{} {
        for (int plane = 0; plane < 3; ++plane)
            for (int vector = 0; vector < 3; ++vector)
                for (int b = 0; b < 16; ++b) {
                    const int at = Size * (3 * (b / Size) + plane) + b % Size - 16 * vector;
                    from[plane][vector][b] = static_cast<std::int8_t>(at < 0 || at > 15 ? -1 : at);
                }
    }
};

// Splits as many whole vectors as fit; says how many pixels that were.
template <typename T>
inline std::size_t split_vectors(const T* pixels, std::size_t width, T* planes,
                                 std::size_t stride) noexcept {
    constexpr std::size_t group = 16 / sizeof(T);
    static constexpr ThreePlanes<sizeof(T)> index;
    std::size_t x = 0;
    for (; x + group <= width; x += group) {
        const auto* p = reinterpret_cast<const __m128i*>(pixels + 3 * x);
        const __m128i in[3] = {_mm_loadu_si128(p), _mm_loadu_si128(p + 1), _mm_loadu_si128(p + 2)};
        for (std::size_t plane = 0; plane < 3; ++plane) {
            __m128i out = _mm_setzero_si128();
            for (std::size_t v = 0; v < 3; ++v) {
                const auto* from = reinterpret_cast<const __m128i*>(index.from[plane][v]);
                out = _mm_or_si128(out, _mm_shuffle_epi8(in[v], _mm_load_si128(from)));
            }
            _mm_storeu_si128(reinterpret_cast<__m128i*>(planes + plane * stride + x), out);
        }
    }
    return x;
}

inline std::size_t split_three(const std::uint8_t* pixels, std::size_t width, std::uint8_t* planes,
                               std::size_t stride) noexcept {
    return split_vectors(pixels, width, planes, stride);
}

#if defined(DEFOCUS_AVX512)

// Which of the 64 samples of two vectors goes to lane i: first of vectors 0 and 1, then of their
// result and vector 2.
struct ThreePlanes512 {
    alignas(64) std::int16_t first[3][32], second[3][32];
    constexpr ThreePlanes512() noexcept : first{}, second{} {
        for (int plane = 0; plane < 3; ++plane)
            for (int i = 0; i < 32; ++i) {
                const int at = 3 * i + plane;
                first[plane][i] = static_cast<std::int16_t>(at < 64 ? at : 0);
                second[plane][i] = static_cast<std::int16_t>(at < 64 ? i : at - 32);
            }
    }
};

// Splits as many whole groups as fit; says how many pixels that were.
inline std::size_t split_three(const std::int16_t* pixels, std::size_t width, std::int16_t* planes,
                               std::size_t stride) noexcept {
    static constexpr ThreePlanes512 index;
    std::size_t x = 0;
    for (; x + 32 <= width; x += 32) {
        const std::int16_t* p = pixels + 3 * x;
        const __m512i a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 32);
        const __m512i c = _mm512_loadu_si512(p + 64);
        for (std::size_t plane = 0; plane < 3; ++plane) {
            const __m512i ab =
                _mm512_permutex2var_epi16(a, _mm512_load_si512(index.first[plane]), b);
            _mm512_storeu_si512(
                planes + plane * stride + x,
                _mm512_permutex2var_epi16(ab, _mm512_load_si512(index.second[plane]), c));
        }
    }
    return x;
}

#else

inline std::size_t split_three(const std::int16_t* pixels, std::size_t width, std::int16_t* planes,
                               std::size_t stride) noexcept {
    return split_vectors(pixels, width, planes, stride);
}

#endif

// Sixteen RGB pixels and their alphas as RGBA.
inline void attach_sixteen(const std::uint8_t* rgb, const std::uint8_t* alpha,
                           std::uint8_t* rgba) noexcept {
    const __m128i colours = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    // The last four are loaded four bytes early, so that no byte beyond the sixteen is read.
    const __m128i late = _mm_setr_epi8(4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1);
    const __m128i step = _mm_setr_epi8(0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4);
    __m128i alphas = _mm_setr_epi8(-1, -1, -1, 0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3);
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(alpha));
    for (int k = 0; k < 4; ++k) {
        const auto* from = reinterpret_cast<const __m128i*>(rgb + (k < 3 ? 12 * k : 32));
        const __m128i c = _mm_shuffle_epi8(_mm_loadu_si128(from), k < 3 ? colours : late);
        const __m128i pixels = _mm_or_si128(c, _mm_shuffle_epi8(a, alphas));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rgba + 16 * k), pixels);
        alphas = _mm_add_epi8(alphas, step);
    }
}

#else

template <typename T>
inline std::size_t split_three(const T*, std::size_t, T*, std::size_t) noexcept {
    return 0;
}

inline void attach_sixteen(const std::uint8_t* rgb, const std::uint8_t* alpha,
                           std::uint8_t* rgba) noexcept {
    for (int x = 0; x < 16; ++x) {
        for (int c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        rgba[4 * x + 3] = alpha[x];
    }
}

template <typename T>
inline std::size_t merge_three(const T*, std::size_t, std::size_t, T*) noexcept {
    return 0;
}

#endif

}  // namespace
