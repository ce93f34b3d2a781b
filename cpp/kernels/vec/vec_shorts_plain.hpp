// Shorts in plain loops, for compilers and processors without these instructions.  They say what
// the other files do.  Included by vec_shorts.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/vec/vec_floats.hpp"
#include "kernels/vec/vec_single.hpp"

namespace {

struct Shorts {
    static constexpr std::size_t lanes = short_lanes;
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
};

}  // namespace
