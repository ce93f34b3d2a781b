// The level's vectors: floats, and 16-bit integers, as wide as the level's registers.
//
// Floats use GCC's and Clang's vector extensions, which lower to SSE2, AVX2, AVX-512 or NEON by
// width alone.  The few things these do badly or lack (converting between sample sizes, the
// rounded high multiply) are spelled out for x86 below; every other target, and any compiler
// without extensions, takes the plain loops, with the same results bit for bit.
#pragma once

#include "kernels/vec_floats.hpp"
#include "kernels/vec_shorts.hpp"
