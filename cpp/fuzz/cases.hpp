// The cases of both programs, in groups.
#pragma once

#include <vector>

#include "fuzz/judge.hpp"

namespace defocus::fuzz {

// Row kernels, in groups as the files of kernels/.
std::vector<Case> conversion_cases();
std::vector<Case> blur_cases();
std::vector<Case> expansion_cases();
std::vector<Case> blend_cases();
std::vector<Case> grid_cases();
std::vector<Case> part_cases();

// Operations on whole images.
std::vector<Case> filter_cases();
std::vector<Case> stage_cases();
std::vector<Case> cut_cases();

// Runs the case that the first byte chooses.  Returns 0, as libFuzzer wants it.
int run(const std::vector<std::vector<Case>>& groups, const std::uint8_t* data, std::size_t size);

}  // namespace defocus::fuzz
