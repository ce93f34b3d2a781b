#include "core/base/parallel.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <thread>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// The address space that one thread may take: its stack, the allocator's arena (glibc reserves 128
// MiB for a moment), and its scratch memory.
constexpr std::size_t space_of_thread = std::size_t{sizeof(void*) > 4 ? 160 : 16} << 20;

// How many of `threads` threads there is address space for.  The memory is not touched.  A thread
// that has too little memory to throw std::bad_alloc ends the process, so it must not start.
std::ptrdiff_t affordable(std::ptrdiff_t threads) noexcept {
    for (; threads > 0; threads /= 2)
        if (void* const space = ::operator new(size(threads) * space_of_thread, std::nothrow)) {
            ::operator delete(space);
            break;
        }
    return threads;
}

// Joins its threads on every path: the destructor of a running std::thread ends the process.
class Workers {
  public:
    Workers() = default;
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() {
        for (std::thread& thread : threads_) thread.join();
    }
    template <typename Work>
    void start(const Work& work, std::ptrdiff_t band) {
        threads_.emplace_back(work, band);
    }

  private:
    std::vector<std::thread> threads_;
};

void raise_to(std::atomic<int>& most, int value) noexcept {
    int held = most.load();
    while (held < value && !most.compare_exchange_weak(held, value)) {
    }
}

}  // namespace

void for_row_bands(std::ptrdiff_t rows, std::size_t cost_per_row, const Threads& threads,
                   const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work) {
    const std::size_t total = size(rows) * cost_per_row;
    const auto worthwhile = static_cast<std::ptrdiff_t>(total / threads.least_cost + 1);
    const std::ptrdiff_t wanted =
        std::min({static_cast<std::ptrdiff_t>(std::max(threads.most, 1)), worthwhile, rows});
    const std::ptrdiff_t bands = affordable(wanted - 1) + 1;
    if (bands <= 1) {
        raise_to(threads.ran, 1);
        work(0, rows);
        return;
    }

    std::vector<std::exception_ptr> errors(size(bands));
    const auto run = [&](std::ptrdiff_t band) noexcept {
        (void)std::current_exception();  // allocates now what a throw needs
        try {
            work(band * rows / bands, (band + 1) * rows / bands);
        } catch (...) {
            errors[size(band)] = std::current_exception();
        }
    };
    {
        Workers workers;
        std::ptrdiff_t started = 1;
        try {
            for (; started < bands; ++started) workers.start(run, started);
        } catch (const std::exception&) {
            // The system gives no more threads, or no memory for one.  This thread does the rest.
        }
        raise_to(threads.ran, static_cast<int>(started));
        run(0);
        for (std::ptrdiff_t band = started; band < bands; ++band) run(band);
    }
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
}

}  // namespace defocus
