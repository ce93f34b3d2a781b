#include "core/parallel.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace defocus {
namespace {

// About a quarter of a millisecond of work; starting a thread takes a tenth.
constexpr std::size_t least_cost = 2'000'000;

}  // namespace

void for_row_bands(std::ptrdiff_t rows, std::size_t cost_per_row, int threads,
                   const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work) {
    const auto total = static_cast<std::size_t>(rows) * cost_per_row;
    const auto worthwhile = static_cast<std::ptrdiff_t>(total / least_cost + 1);
    const std::ptrdiff_t bands =
        std::min({static_cast<std::ptrdiff_t>(std::max(threads, 1)), worthwhile, rows});
    if (bands <= 1) {
        work(0, rows);
        return;
    }

    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(bands));
    const auto run = [&](std::ptrdiff_t band) {
        try {
            work(band * rows / bands, (band + 1) * rows / bands);
        } catch (...) {
            errors[static_cast<std::size_t>(band)] = std::current_exception();
        }
    };
    std::vector<std::thread> workers;
    workers.reserve(static_cast<std::size_t>(bands));
    std::ptrdiff_t started = 1;
    try {
        for (; started < bands; ++started) workers.emplace_back(run, started);
    } catch (const std::system_error&) {
        // No more threads to be had: this one does the rest.
    }
    run(0);
    for (std::ptrdiff_t band = started; band < bands; ++band) run(band);
    for (std::thread& worker : workers) worker.join();
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
}

}  // namespace defocus
