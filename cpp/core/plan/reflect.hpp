// Reflect-101 borders: ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...  The edge sample is not repeated.
#pragma once

#include <cstddef>

namespace defocus {

// The index inside 0..length - 1 that `index` reflects to, from any distance.
inline std::ptrdiff_t reflect(std::ptrdiff_t index, std::ptrdiff_t length) noexcept {
    if (length == 1) return 0;
    const std::ptrdiff_t period = 2 * (length - 1);
    std::ptrdiff_t i = index % period;
    if (i < 0) i += period;
    return i < length ? i : period - i;
}

}  // namespace defocus
