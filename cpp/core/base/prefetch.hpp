// Prefetch hints for the memory system.
#pragma once

#include <cstddef>

namespace defocus {

enum class Access { read, write };

// A hint: it costs one instruction for each cache line and never faults.  It does nothing where the
// compiler has no such builtin.
template <Access Kind, typename T>
inline void prefetch(const T* first, std::size_t count) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    constexpr std::size_t line = 64;
    const auto* at = reinterpret_cast<const char*>(first);
    for (std::size_t i = 0; i < count * sizeof(T); i += line)
        __builtin_prefetch(at + i, Kind == Access::write ? 1 : 0, 2);
#else
    static_cast<void>(first);
    static_cast<void>(count);
#endif
}

}  // namespace defocus
