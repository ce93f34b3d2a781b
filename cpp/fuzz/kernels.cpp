// Each row kernel at all levels, against its exact numbers.
#include "fuzz/cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace defocus::fuzz;
    static const std::vector<std::vector<Case>> groups{conversion_cases(), blur_cases(),
                                                       expansion_cases(),  blend_cases(),
                                                       grid_cases(),       part_cases()};
    return run(groups, data, size);
}
