// The compiled levels, and the choice among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_table.hpp"

namespace defocus {

// The levels in this build, and those of them that this machine runs; simplest first.
const std::vector<const KernelTable*>& compiled_levels();
const std::vector<const KernelTable*>& runnable_levels();

// The level of that name.  Throws std::invalid_argument with the valid names if it cannot run here.
const KernelTable& level_named(std::string_view name);

// The level for callers that name none: the one that DEFOCUS_ISA names, else the best.  It is
// chosen at the first call, which happens when the module is imported.
const KernelTable& active_level();

}  // namespace defocus
