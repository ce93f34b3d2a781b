// The cases of the row kernels, in groups as the files of kernels/.
#pragma once

#include <vector>

#include "fuzz/judge.hpp"

namespace defocus::fuzz {

std::vector<Case> conversion_cases();
std::vector<Case> blur_cases();
std::vector<Case> expansion_cases();
std::vector<Case> blend_cases();
std::vector<Case> grid_cases();
std::vector<Case> part_cases();

}  // namespace defocus::fuzz
