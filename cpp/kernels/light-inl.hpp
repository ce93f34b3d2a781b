// sRGB codes to linear light and back (IEC 61966-2-1), as polynomials that vectorise.
//
// Fitted by least maximum over the 256 codes (decode) and over [.0031308, 1] (encode).  Levels
// agree bit for bit, because nothing is used but multiplication, addition and the square root,
// which IEEE 754 rounds correctly.
#pragma once

#include "kernels/vec.hpp"

namespace {

// `code` is 0..255 in Q7 and not centred, light 0..1 comes as 0..32640.  Coefficients in Q15,
// fitted with the rounding of each product; off by .047 of a code at most (in the dark, where light
// is coarse; .0125 root mean square), and exact for black and white.
template <typename V>
inline V to_linear_q7(V code) noexcept {
    V sum = mul_q15(whole<V>(2822), code) + whole<V>(-10040);
    sum = mul_q15(sum, code) + whole<V>(21947);
    sum = mul_q15(sum, code) + whole<V>(17102);
    sum = mul_q15(sum, code) + whole<V>(1072);
    sum = mul_q15(sum, code) + whole<V>(30);
    return select_less(code, whole<V>(10 << 7), mul_q15(code, whole<V>(2536)), sum);
}

// Light 0..1 to code 0..255, not rounded.  In the fourth root, of which the curve is almost the
// power 5 / 3, five terms are off by .002 of a code; in the square root six would be by .04, enough
// for a stripe of one colour to round to the other side.
template <typename V>
inline V to_code(V light) noexcept {
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
