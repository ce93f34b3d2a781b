// The level's float vector: as wide as the level's registers, six operations, no intrinsics.
//
// GCC and Clang have vector extensions that lower to SSE2, AVX2, AVX-512 or NEON by width alone.
// Other compilers get a plain array with the same arithmetic, so that the same tests pass there.
#pragma once

#include <cstddef>

namespace {

#if defined(__GNUC__) || defined(__clang__)

struct Vec {
    static constexpr std::size_t lanes = DEFOCUS_VECTOR_BYTES / sizeof(float);
    typedef float Register __attribute__((vector_size(DEFOCUS_VECTOR_BYTES)));
    Register v;

    static Vec load(const float* p) noexcept {
        Vec r;
        __builtin_memcpy(&r.v, p, sizeof(r.v));
        return r;
    }
    static Vec broadcast(float s) noexcept { return {Register{} + s}; }
    void store(float* p) const noexcept { __builtin_memcpy(p, &v, sizeof(v)); }
    friend Vec operator+(Vec a, Vec b) noexcept { return {a.v + b.v}; }
    friend Vec operator*(Vec a, Vec b) noexcept { return {a.v * b.v}; }
};

#else

struct Vec {
    static constexpr std::size_t lanes = DEFOCUS_VECTOR_BYTES / sizeof(float);
    float v[lanes];

    static Vec load(const float* p) noexcept {
        Vec r;
        for (std::size_t i = 0; i < lanes; ++i) r.v[i] = p[i];
        return r;
    }
    static Vec broadcast(float s) noexcept {
        Vec r;
        for (std::size_t i = 0; i < lanes; ++i) r.v[i] = s;
        return r;
    }
    void store(float* p) const noexcept {
        for (std::size_t i = 0; i < lanes; ++i) p[i] = v[i];
    }
    friend Vec operator+(Vec a, Vec b) noexcept {
        for (std::size_t i = 0; i < lanes; ++i) a.v[i] += b.v[i];
        return a;
    }
    friend Vec operator*(Vec a, Vec b) noexcept {
        for (std::size_t i = 0; i < lanes; ++i) a.v[i] *= b.v[i];
        return a;
    }
};

#endif

}  // namespace
