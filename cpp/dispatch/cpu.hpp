// What this processor and operating system can run.
#pragma once

#include <string_view>

namespace defocus {

// True if a level of `isa_levels.cmake` may be executed on this machine.
bool machine_runs(std::string_view level) noexcept;

}  // namespace defocus
