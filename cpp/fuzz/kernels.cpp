// Each row kernel at all levels, against its exact numbers.  The first byte chooses the kernel.
#include "fuzz/kernels.hpp"

#include "fuzz/run.hpp"

namespace {

std::vector<defocus::fuzz::Case> all() {
    using namespace defocus::fuzz;
    std::vector<Case> cases;
    for (const auto& group : {conversion_cases(), blur_cases(), expansion_cases(), blend_cases(),
                              grid_cases(), part_cases()})
        cases.insert(cases.end(), group.begin(), group.end());
    return cases;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<defocus::fuzz::Case> cases = all();
    return defocus::fuzz::run(cases, data, size);
}
