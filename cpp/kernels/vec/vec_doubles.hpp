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
    static FourDoubles load_floats(const float* p) noexcept {
        Narrow narrow;
        __builtin_memcpy(&narrow, p, sizeof(narrow));
        return {__builtin_convertvector(narrow, Register)};
    }
    static FourDoubles broadcast(double s) noexcept { return {s - Register{}}; }
    void store(double* p) const noexcept { __builtin_memcpy(p, &v, sizeof(v)); }
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
    static FourDoubles load_floats(const float* p) noexcept {
        return each([p](std::size_t i) { return static_cast<double>(p[i]); });
    }
    static FourDoubles broadcast(double s) noexcept {
        return each([s](std::size_t) { return s; });
    }
    void store(double* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i) p[i] = v[i];
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

// Sample p of vector i becomes sample i of vector p.
inline void turn_four(FourDoubles* vectors) noexcept {
#if defined(DEFOCUS_AVX512) || defined(DEFOCUS_AVX2)
    const auto at = [vectors](int i) { return (__m256d)vectors[i].v; };
    const __m256d ab02 = _mm256_unpacklo_pd(at(0), at(1)), ab13 = _mm256_unpackhi_pd(at(0), at(1));
    const __m256d cd02 = _mm256_unpacklo_pd(at(2), at(3)), cd13 = _mm256_unpackhi_pd(at(2), at(3));
    using Register = FourDoubles::Register;
    vectors[0].v = (Register)_mm256_permute2f128_pd(ab02, cd02, 0x20);
    vectors[1].v = (Register)_mm256_permute2f128_pd(ab13, cd13, 0x20);
    vectors[2].v = (Register)_mm256_permute2f128_pd(ab02, cd02, 0x31);
    vectors[3].v = (Register)_mm256_permute2f128_pd(ab13, cd13, 0x31);
#else
    double from[FourDoubles::lanes][FourDoubles::lanes], to[FourDoubles::lanes];
    for (std::size_t i = 0; i < FourDoubles::lanes; ++i) vectors[i].store(from[i]);
    for (std::size_t i = 0; i < FourDoubles::lanes; ++i) {
        for (std::size_t p = 0; p < FourDoubles::lanes; ++p) to[p] = from[p][i];
        vectors[i] = FourDoubles::load(to);
    }
#endif
}

// Four samples of four planes: planes[p stride + i] = cells[4 i + p].
inline void split_four(const float* cells, float* planes, std::size_t stride) noexcept {
#if defined(DEFOCUS_AVX512) || defined(DEFOCUS_AVX2) || defined(DEFOCUS_SSE2)
    __m128 a = _mm_loadu_ps(cells), b = _mm_loadu_ps(cells + 4);
    __m128 c = _mm_loadu_ps(cells + 8), d = _mm_loadu_ps(cells + 12);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(planes, a);
    _mm_storeu_ps(planes + stride, b);
    _mm_storeu_ps(planes + 2 * stride, c);
    _mm_storeu_ps(planes + 3 * stride, d);
#else
    for (std::size_t p = 0; p < 4; ++p)
        for (std::size_t i = 0; i < 4; ++i) planes[p * stride + i] = cells[4 * i + p];
#endif
}

}  // namespace
