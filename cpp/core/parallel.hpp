// Row bands on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace defocus {

// Calls work(first, last) for bands of rows that cover 0..rows, the first band on the calling
// thread, the others on threads that live for this call: nothing is shared between calls, so any
// number of threads may call, before and after a fork.  `cost_per_row` counts in samples of a plain
// blur; where there is little to do fewer threads are started, or none.  Rethrows what the first
// failing band threw.
void for_row_bands(std::ptrdiff_t rows, std::size_t cost_per_row, int threads,
                   const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work);

}  // namespace defocus
