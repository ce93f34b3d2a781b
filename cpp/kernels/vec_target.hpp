// What the compiler and the level give the vectors to be made of.  The one place that asks:
// instructions count only together with the vector extensions that the rest is written in, which
// compilers that have the one may lack (cl.exe).  DEFOCUS_PLAIN_LOOPS asks for the plain loops that
// serve where there are none; the results are the same.
#pragma once

#if defined(__GNUC__) && !defined(DEFOCUS_PLAIN_LOOPS)
#define DEFOCUS_VECTORS 1  // GCC's and Clang's, and their builtins
#if defined(__AVX512BW__)
#define DEFOCUS_AVX512 1
#elif defined(__AVX2__)
#define DEFOCUS_AVX2 1
#elif defined(__SSE2__)
#define DEFOCUS_SSE2 1
#endif
#if defined(__SSSE3__)
#define DEFOCUS_BYTE_SHUFFLES 1
#endif
#endif

#if defined(DEFOCUS_AVX512) || defined(DEFOCUS_AVX2) || defined(DEFOCUS_SSE2)
#include <immintrin.h>
#elif !defined(DEFOCUS_VECTORS)
#include <math.h>
#endif

// What a loop does for each vector.  All kernels of a level are one unit, in which compilers ration
// inlining; a call in an inner loop, with its vectors spilt, costs more than the work.
#if defined(DEFOCUS_VECTORS)
#define DEFOCUS_INLINE __attribute__((always_inline)) inline
#else
#define DEFOCUS_INLINE inline
#endif
