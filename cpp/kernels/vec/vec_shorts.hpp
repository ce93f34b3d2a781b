// Vectors of 16-bit integers; see vec.hpp.  Each kind of processor has a file with its `Shorts`,
// which has
//
//     load, store, broadcast, + and -
//     load_bytes, store_bytes   bytes unchanged; bytes clamped to 0..255
//     shl, sra                  shifts by a number of bits
//     mul_q15                   (a b + 2^14) >> 15: times a Q15 factor, rounded
//     add_clamped               a sum that is clamped to 16 bits
//     minimum, maximum, select_less, is_zero
//     halved(p)                 lane m: p[2 m .. 2 m + 3] by 1 3 3 1, over 8, rounded
//     triple<Part>(p)           sample s of three vectors is p[s / 3]: one number for every
//                               channel of `lanes` pixels.  Part is which of the three.  Reads
//                               up to 8 samples beyond them
//     low, high                 the halves as floats, taken as unsigned
#pragma once

#include <cstdint>

#include "kernels/vec/vec_target.hpp"

#if defined(DEFOCUS_AVX512)
#include "kernels/vec/vec_shorts_avx512.hpp"
#elif defined(DEFOCUS_AVX2)
#include "kernels/vec/vec_shorts_avx2.hpp"
#elif defined(DEFOCUS_SSE2)
#include "kernels/vec/vec_shorts_sse2.hpp"
#else
#include "kernels/vec/vec_shorts_plain.hpp"
#endif

namespace {

// One number in every lane, or as a single number; see broadcast().
template <typename V>
inline V whole(int s) noexcept {
    return V::broadcast(static_cast<std::int16_t>(s));
}
template <>
inline int whole<int>(int s) noexcept {
    return s;
}

}  // namespace
