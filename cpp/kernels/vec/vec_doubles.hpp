// Four doubles at every level: running sums of four planes, side by side.
#pragma once

#include <cstddef>

#include "kernels/vec/vec_target.hpp"

namespace {

struct FourDoubles {
    static constexpr std::size_t lanes = 4;
#if defined(DEFOCUS_VECTORS)
    typedef double Register __attribute__((vector_size(32)));
    typedef float Narrow __attribute__((vector_size(16)));
    Register v;

    static FourDoubles load(const double* p) noexcept {
        FourDoubles r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    static FourDoubles broadcast(double s) noexcept { return {s - Register{}}; }
    void store_floats(float* p) const noexcept {
        const Narrow narrow = __builtin_convertvector(v, Narrow);
        __builtin_memcpy(p, &narrow, sizeof(narrow));
    }
    friend FourDoubles operator+(FourDoubles a, FourDoubles b) noexcept { return {a.v + b.v}; }
    friend FourDoubles operator-(FourDoubles a, FourDoubles b) noexcept { return {a.v - b.v}; }
    friend FourDoubles operator*(FourDoubles a, FourDoubles b) noexcept { return {a.v * b.v}; }
#else
    double v[lanes];

    template <typename F>
    static FourDoubles each(F f) noexcept {
        FourDoubles r;
        for (std::size_t i = 0; i < lanes; ++i) r.v[i] = f(i);
        return r;
    }
    static FourDoubles load(const double* p) noexcept {
        return each([p](std::size_t i) { return p[i]; });
    }
    static FourDoubles broadcast(double s) noexcept {
        return each([s](std::size_t) { return s; });
    }
    void store_floats(float* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i) p[i] = static_cast<float>(v[i]);
    }
    friend FourDoubles operator+(FourDoubles a, FourDoubles b) noexcept {
        return each([&](std::size_t i) { return a.v[i] + b.v[i]; });
    }
    friend FourDoubles operator-(FourDoubles a, FourDoubles b) noexcept {
        return each([&](std::size_t i) { return a.v[i] - b.v[i]; });
    }
    friend FourDoubles operator*(FourDoubles a, FourDoubles b) noexcept {
        return each([&](std::size_t i) { return a.v[i] * b.v[i]; });
    }
#endif
};

// Four samples of four planes, side by side: out[4 i + p] = planes[p stride + i].
inline void merge_four(const double* planes, std::size_t stride, double* out) noexcept {
#if defined(DEFOCUS_AVX512) || defined(DEFOCUS_AVX2)
    const __m256d a = _mm256_loadu_pd(planes), b = _mm256_loadu_pd(planes + stride);
    const __m256d c = _mm256_loadu_pd(planes + 2 * stride);
    const __m256d d = _mm256_loadu_pd(planes + 3 * stride);
    const __m256d ab02 = _mm256_unpacklo_pd(a, b), ab13 = _mm256_unpackhi_pd(a, b);
    const __m256d cd02 = _mm256_unpacklo_pd(c, d), cd13 = _mm256_unpackhi_pd(c, d);
    _mm256_storeu_pd(out, _mm256_permute2f128_pd(ab02, cd02, 0x20));
    _mm256_storeu_pd(out + 4, _mm256_permute2f128_pd(ab13, cd13, 0x20));
    _mm256_storeu_pd(out + 8, _mm256_permute2f128_pd(ab02, cd02, 0x31));
    _mm256_storeu_pd(out + 12, _mm256_permute2f128_pd(ab13, cd13, 0x31));
#else
    for (std::size_t i = 0; i < FourDoubles::lanes; ++i)
        for (std::size_t p = 0; p < FourDoubles::lanes; ++p)
            out[FourDoubles::lanes * i + p] = planes[p * stride + i];
#endif
}

}  // namespace
