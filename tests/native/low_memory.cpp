// Row bands while memory runs out: every allocation fails in its turn, alone or with all after it.
// Ends with 0 if each call either did all of its work or threw std::bad_alloc.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

#include "core/base/parallel.hpp"

namespace {

std::atomic<long> allocations{0};
std::atomic<long> first_to_fail{-1}, last_to_fail{-1};

void* allocate(std::size_t n) {
    const long number = allocations++;
    if (number >= first_to_fail && number <= last_to_fail) throw std::bad_alloc();
    void* const memory = std::malloc(n != 0 ? n : 1);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

constexpr std::ptrdiff_t rows = 24;
int threads_seen = 0;
bool failed_whole = false;

// Whether all is as it should be with allocations first .. last failing.
bool holds(long first, long last) {
    std::vector<std::atomic<int>> done(static_cast<std::size_t>(rows));
    const defocus::Threads threads(6, 1);
    bool thrown = false;
    allocations = 0;
    first_to_fail = first;
    last_to_fail = last;
    try {
        defocus::for_row_bands(rows, 1, threads, [&](std::ptrdiff_t from, std::ptrdiff_t to) {
            std::vector<int> scratch(100);
            for (std::ptrdiff_t y = from; y < to; ++y) done[static_cast<std::size_t>(y)] += 1;
        });
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    first_to_fail = last_to_fail = -1;
    threads_seen = threads.ran;
    failed_whole = failed_whole || thrown;
    for (const std::atomic<int>& times : done)
        if (thrown ? times > 1 : times != 1) return false;
    return true;
}

}  // namespace

void* operator new(std::size_t n) {
    return allocate(n);
}
// Without it AddressSanitizer's own would be taken, whose memory std::free must not get.
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    try {
        return allocate(n);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

int main() {
    if (!holds(-1, -1) || threads_seen != 6) return std::puts("does not run on six threads"), 2;
    const long count = allocations;
    for (long n = 0; n < count; ++n) {
        if (!holds(n, n)) return std::printf("allocation %ld failed alone\n", n), 1;
        if (!holds(n, count + 100)) return std::printf("allocation %ld and all after it\n", n), 1;
    }
    return failed_whole ? 0 : (std::puts("nothing ever failed"), 3);
}
