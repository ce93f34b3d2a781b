// Verdicts: all levels give the same bytes, and these are near the exact numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dispatch/dispatch.hpp"
#include "fuzz/input.hpp"

namespace defocus::fuzz {

// Reports the two values of sample i, and ends the process.
[[noreturn]] void fail(const char* what, const char* against, std::size_t i, double got,
                       double want);

// A case of the fuzzer: it draws its arguments from the input, and judges one function.
struct Case {
    const char* name;
    void (*run)(Input&);
};

// Two numbers that are none are the same: their bits depend on the order of the operands.
template <typename T>
bool same(T a, T b) noexcept {
    if (a != a) return b != b;
    return a == b && std::signbit(static_cast<double>(a)) == std::signbit(static_cast<double>(b));
}

template <typename T>
void expect_same(const char* what, const char* against, const std::vector<T>& got,
                 const std::vector<T>& want) {
    for (std::size_t i = 0; i < want.size(); ++i)
        if (!same(got[i], want[i]))
            fail(what, against, i, static_cast<double>(got[i]), static_cast<double>(want[i]));
}

// What call(level, out) makes of the samples in `start`: the same at each level.
template <typename T, typename Call>
std::vector<T> changed_at_all_levels(const char* what, const std::vector<T>& start, Call call) {
    std::vector<T> first;
    for (const KernelTable* level : runnable_levels()) {
        std::vector<T> out(start);
        call(*level, out.data());
        if (level == runnable_levels().front())
            first = std::move(out);
        else
            expect_same(what, level->level, out, first);
    }
    return first;
}

// What call(level, out) writes into n samples.
template <typename T, typename Call>
std::vector<T> at_all_levels(const char* what, std::size_t n, Call call) {
    return changed_at_all_levels(what, std::vector<T>(n, static_cast<T>(77)), call);
}

// Each sample i is within `bound` of want(i).
template <typename T, typename Want>
void expect_near(const char* what, const std::vector<T>& got, double bound, Want want) {
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double exact = want(i);
        if (!(std::fabs(static_cast<double>(got[i]) - exact) <= bound))
            fail(what, "the exact number", i, static_cast<double>(got[i]), exact);
    }
}

}  // namespace defocus::fuzz
