// The vectors of the level: floats and 16-bit integers, as wide as its registers.
//
// Floats use the vector extensions of GCC and Clang, which become SSE2, AVX2, AVX-512 or NEON by
// their width alone.  A few operations that these lack or do badly have intrinsics for x86:
// conversions between sample sizes, and the rounded high multiply.  Every other target, and a
// compiler without extensions, uses the plain loops.  The results are the same bit for bit.
#pragma once

#include "kernels/vec/vec_floats.hpp"
#include "kernels/vec/vec_shorts.hpp"
