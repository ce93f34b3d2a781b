// What the compiler and the level offer for vectors.  No other file asks for it.  Instruction sets
// count only if the compiler also has the vector extensions that the code needs; cl.exe has not.
// DEFOCUS_PLAIN_LOOPS selects the plain loops instead; the results are the same.
#pragma once

// clang-cl defines only the second.
#if (defined(__GNUC__) || defined(__clang__)) && !defined(DEFOCUS_PLAIN_LOOPS)
#define DEFOCUS_VECTORS 1  // those of GCC and Clang, and their builtins
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

// For the body of an inner loop.  All kernels of a level are one translation unit, in which
// compilers limit inlining.  A call in an inner loop spills vectors, which costs more than the
// work.
#if defined(DEFOCUS_VECTORS)
#define DEFOCUS_INLINE __attribute__((always_inline)) inline
#else
#define DEFOCUS_INLINE inline
#endif
