#include "dispatch/cpu.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#define DEFOCUS_X86 1
// clang-cl also defines _MSC_VER.  It has cpuid.h, and takes _xgetbv only where -mxsave is on.
#if defined(_MSC_VER) && !defined(__clang__)
#define DEFOCUS_CL 1
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace defocus {
namespace {

#if defined(DEFOCUS_X86)

struct Registers {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf) noexcept {
    Registers r;
#if defined(DEFOCUS_CL)
    int out[4];
    __cpuidex(out, static_cast<int>(leaf), 0);
    r.eax = static_cast<unsigned>(out[0]);
    r.ebx = static_cast<unsigned>(out[1]);
    r.ecx = static_cast<unsigned>(out[2]);
    r.edx = static_cast<unsigned>(out[3]);
#else
    __get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx);
#endif
    return r;
}

// Which register files the operating system saves on a context switch.  AVX must not be used on a
// system that does not save its registers.
unsigned long long saved_state() noexcept {
#if defined(DEFOCUS_CL)
    return _xgetbv(0);
#else
    unsigned low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<unsigned long long>(high) << 32) | low;
#endif
}

constexpr bool has(unsigned reg, unsigned bits) noexcept {
    return (reg & bits) == bits;
}
constexpr unsigned bit(int n) noexcept {
    return 1u << n;
}

struct Levels {
    bool v3 = false;
    bool v4 = false;
};

Levels detect() noexcept {
    Levels levels;
    const Registers one = cpuid(1);
    const unsigned osxsave = bit(27);
    if (!has(one.ecx, osxsave)) return levels;
    const unsigned long long saved = saved_state();
    const Registers seven = cpuid(7);
    const Registers extended = cpuid(0x80000001u);

    const unsigned fma = bit(12), movbe = bit(22), avx = bit(28), f16c = bit(29);
    const unsigned bmi1 = bit(3), avx2 = bit(5), bmi2 = bit(8), lzcnt = bit(5);
    const unsigned long long ymm_state = 0x6, zmm_state = 0xe6;
    levels.v3 = (saved & ymm_state) == ymm_state && has(one.ecx, fma | movbe | avx | f16c) &&
                has(seven.ebx, bmi1 | avx2 | bmi2) && has(extended.ecx, lzcnt);

    const unsigned f = bit(16), dq = bit(17), cd = bit(28), bw = bit(30), vl = bit(31);
    levels.v4 =
        levels.v3 && (saved & zmm_state) == zmm_state && has(seven.ebx, f | dq | cd | bw | vl);
    return levels;
}

#endif

}  // namespace

bool machine_runs(std::string_view level) noexcept {
    // The same level, compiled from plain loops (isa_levels.cmake).
    constexpr std::string_view plain = "-plain";
    if (level.size() > plain.size() && level.substr(level.size() - plain.size()) == plain)
        level.remove_suffix(plain.size());
#if defined(DEFOCUS_X86)
    static const Levels levels = detect();
    if (level == "x86-64-v3") return levels.v3;
    if (level == "x86-64-v4") return levels.v4;
#endif
    return level == "baseline" || level == "neon";
}

}  // namespace defocus
