// Whole images through the operations of core/: any strides, sizes, levels and threads give the
// same.
#include "fuzz/cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace defocus::fuzz;
    static const std::vector<std::vector<Case>> groups{filter_cases(), stage_cases(), cut_cases()};
    return run(groups, data, size);
}
