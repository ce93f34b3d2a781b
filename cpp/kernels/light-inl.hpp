// sRGB to linear light and back (IEC 61966-2-1), as polynomials that vectorise.
//
// Fitted for the least maximum error over the 256 8-bit values (decode) and over [.0031308, 1]
// (encode).  Levels agree bit for bit, because only multiplication, addition and the square root
// are used, which IEEE 754 rounds correctly.
#pragma once

#include "kernels/vec/vec.hpp"

namespace {

// `value` is 0..255 in Q7, not centred; light 0..1 is 0..32640.  Coefficients are in Q15 and fitted
// with the rounding of each product.  The error is at most .047 of an 8-bit step (in the dark,
// where light is coarse; .0125 root mean square).  Black and white are exact.
template <typename V>
inline V to_linear_q7(V value) noexcept {
    V sum = mul_q15(whole<V>(2822), value) + whole<V>(-10040);
    sum = mul_q15(sum, value) + whole<V>(21947);
    sum = mul_q15(sum, value) + whole<V>(17102);
    sum = mul_q15(sum, value) + whole<V>(1072);
    sum = mul_q15(sum, value) + whole<V>(30);
    return select_less(value, whole<V>(10 << 7), mul_q15(value, whole<V>(2536)), sum);
}

// Light 0..1 to 0..255, not rounded.  The curve is almost the power 5 / 3 of the fourth root: five
// terms have an error of .002 of an 8-bit step.  In the square root six terms would have .04,
// enough for a stripe of one colour to round to the other side.
template <typename V>
inline V to_srgb(V light) noexcept {
    const V x = root(root(light));
    V sum = broadcast<V>(-17.37756f);
    sum = sum * x + broadcast<V>(73.8309f);
    sum = sum * x + broadcast<V>(-147.25807f);
    sum = sum * x + broadcast<V>(320.1281f);
    sum = sum * x + broadcast<V>(41.316704f);
    sum = sum * x + broadcast<V>(-15.641756f);
    const V toe = light * broadcast<V>(12.92f * 255.0f);
    return select_less(light, broadcast<V>(0.0031308f), toe, sum);
}

}  // namespace
