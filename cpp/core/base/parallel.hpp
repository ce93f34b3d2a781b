// Row bands on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace defocus {

// How many threads a call may use: up to `most`, each with work of `least_cost` or more.  Costs
// count in samples of a plain blur.
struct Threads {
    // About a quarter of a millisecond of work; starting a thread takes a tenth.
    static constexpr std::size_t worthwhile = 2'000'000;

    explicit Threads(int at_most, std::size_t at_least = worthwhile) noexcept
        : most(at_most), least_cost(at_least) {}

    int most;
    std::size_t least_cost;
    // The greatest number of threads, the caller's included, that one call of for_row_bands ran on.
    mutable std::atomic<int> ran{0};
};

// Calls work(first, last) for bands of rows that cover 0..rows, the first band on the calling
// thread, the others on threads that live for this call: nothing is shared between calls, so any
// number of threads may call, before and after a fork.  Where there is little to do fewer threads
// are started, or none; the caller's does what those that cannot be had should do.  All have ended
// when it returns or throws.  Rethrows what the first failing band threw.
void for_row_bands(std::ptrdiff_t rows, std::size_t cost_per_row, const Threads& threads,
                   const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work);

}  // namespace defocus
