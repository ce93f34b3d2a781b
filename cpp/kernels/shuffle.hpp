// Three planes to interleaved pixels and the like: byte shuffles, where the level has them.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SSSE3__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace {

#if defined(__SSSE3__) && defined(__GNUC__)

// Byte b of the three 16-byte outputs of an interleave: which byte of plane c goes there, or none.
struct ThreeWay {
    __m128i from[3][3];  // [output][plane]
    explicit ThreeWay(int size) noexcept {
        alignas(16) std::int8_t index[16];
        for (int out = 0; out < 3; ++out)
            for (int plane = 0; plane < 3; ++plane) {
                for (int b = 0; b < 16; ++b) {
                    const int sample = (16 * out + b) / size;
                    const int byte = sample / 3 * size + b % size;
                    index[b] = static_cast<std::int8_t>(sample % 3 == plane ? byte : -1);
                }
                from[out][plane] = _mm_load_si128(reinterpret_cast<const __m128i*>(index));
            }
    }
    __m128i gather(int out, __m128i a, __m128i b, __m128i c) const noexcept {
        return _mm_or_si128(
            _mm_or_si128(_mm_shuffle_epi8(a, from[out][0]), _mm_shuffle_epi8(b, from[out][1])),
            _mm_shuffle_epi8(c, from[out][2]));
    }
};

// Interleaves as many whole groups as fit; says how many pixels that were.
template <typename T>
inline std::size_t merge_three(const T* planes, std::size_t stride, std::size_t width,
                               T* pixels) noexcept {
    if (sizeof(T) > 2) return 0;
    constexpr std::size_t group = 16 / sizeof(T);
    const ThreeWay way(static_cast<int>(sizeof(T)));
    std::size_t x = 0;
    for (; x + group <= width; x += group) {
        __m128i in[3];
        for (std::size_t c = 0; c < 3; ++c)
            in[c] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(planes + c * stride + x));
        for (std::size_t out = 0; out < 3; ++out)
            _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels + 3 * x + out * group),
                             way.gather(static_cast<int>(out), in[0], in[1], in[2]));
    }
    return x;
}

// Sixteen RGB pixels and their alphas as RGBA; reads four bytes beyond the pixels.
inline void attach_sixteen(const std::uint8_t* rgb, const std::uint8_t* alpha,
                           std::uint8_t* rgba) noexcept {
    const __m128i colours = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m128i step = _mm_setr_epi8(0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4);
    __m128i alphas = _mm_setr_epi8(-1, -1, -1, 0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3);
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(alpha));
    for (int k = 0; k < 4; ++k) {
        const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rgb + 12 * k));
        const __m128i pixels =
            _mm_or_si128(_mm_shuffle_epi8(c, colours), _mm_shuffle_epi8(a, alphas));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rgba + 16 * k), pixels);
        alphas = _mm_add_epi8(alphas, step);
    }
}

#else

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
