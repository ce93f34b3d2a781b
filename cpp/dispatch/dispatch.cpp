#include "dispatch/dispatch.hpp"

#include <cstdlib>
#include <stdexcept>

#include "dispatch/cpu.hpp"

namespace defocus {

#define DEFOCUS_LEVEL(symbol) extern const KernelTable symbol;
#include "compiled_levels.def"
#undef DEFOCUS_LEVEL

const std::vector<const KernelTable*>& compiled_levels() {
    static const std::vector<const KernelTable*> levels = {
#define DEFOCUS_LEVEL(symbol) &symbol,
#include "compiled_levels.def"
#undef DEFOCUS_LEVEL
    };
    return levels;
}

const std::vector<const KernelTable*>& runnable_levels() {
    static const std::vector<const KernelTable*> levels = [] {
        std::vector<const KernelTable*> runnable;
        for (const KernelTable* table : compiled_levels())
            if (machine_runs(table->level)) runnable.push_back(table);
        return runnable;
    }();
    return levels;
}

const KernelTable& level_named(std::string_view name) {
    std::string valid;
    for (const KernelTable* table : runnable_levels()) {
        if (name == table->level) return *table;
        valid += valid.empty() ? "" : ", ";
        valid += table->level;
    }
    throw std::invalid_argument(
        "ISA level '" + std::string(name) +
        "' is unknown or cannot run on this machine; choose one of: " + valid);
}

const KernelTable& active_level() {
    static const KernelTable& level = []() -> const KernelTable& {
        const char* wanted = std::getenv("DEFOCUS_ISA");
        if (wanted == nullptr || *wanted == '\0') return *runnable_levels().back();
        return level_named(wanted);
    }();
    return level;
}

}  // namespace defocus
