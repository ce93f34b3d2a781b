// One input of the fuzzer: its first byte chooses the case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/judge.hpp"

namespace defocus::fuzz {

// Returns 0, as libFuzzer wants it.
int run(const std::vector<Case>& cases, const std::uint8_t* data, std::size_t size);

}  // namespace defocus::fuzz
