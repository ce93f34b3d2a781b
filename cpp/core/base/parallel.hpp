// Row bands on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace defocus {

// How many threads a call may use: up to `most`, each with work of at least `least_cost`.  The unit
// of cost is one sample of a plain blur.
struct Threads {
    // About a quarter of a millisecond of work.  To start a thread takes a tenth of a millisecond.
    static constexpr std::size_t worthwhile = 2'000'000;

    explicit Threads(int at_most, std::size_t at_least = worthwhile) noexcept
        : most(at_most), least_cost(at_least) {}

    int most;
    std::size_t least_cost;
    // The largest number of threads that one call of for_row_bands has run on, the caller included.
    mutable std::atomic<int> ran{0};
};

// Calls work(first, last) for bands of rows that together cover 0..rows.  The first band runs on
// the calling thread.  The others run on threads that live for this call only.
// Calls share nothing, so that any number of threads may call, also after a fork.  Little work
// starts fewer threads, or none.  If a thread cannot be started, the caller does its work.
// All threads have ended when it returns or throws.  It rethrows what the first failing band threw.
void for_row_bands(std::ptrdiff_t rows, std::size_t cost_per_row, const Threads& threads,
                   const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work);

}  // namespace defocus
