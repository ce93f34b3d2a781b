// Constants and conversions of samples and counts, in one place.
#pragma once

#include <cstddef>

#include "kernels/samples.hpp"

namespace defocus {

// A count or an index that is not negative.
constexpr std::size_t size(std::ptrdiff_t n) noexcept {
    return static_cast<std::size_t>(n);
}

// The inverse of size().
constexpr std::ptrdiff_t signed_size(std::size_t n) noexcept {
    return static_cast<std::ptrdiff_t>(n);
}

}  // namespace defocus
