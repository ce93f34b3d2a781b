// sRGB codes to linear light and back (IEC 61966-2-1), as polynomials that vectorise.
//
// Fitted by weighted least maximum over the 256 codes (decode) and over [.0031308, 1] (encode); the
// errors, in units of one code, are .012 and .038.  Levels agree bit for bit, because nothing is
// used but multiplication, addition and the square root, which IEEE 754 rounds correctly.
#pragma once

#include "kernels/vec.hpp"

namespace {

// Code 0..255 to light 0..1.
template <typename V>
inline V to_linear(V code) noexcept {
    const V x = code * broadcast<V>(1.0f / 255.0f);
    V sum = broadcast<V>(0.085594214f);
    sum = sum * x + broadcast<V>(-0.30330133f);
    sum = sum * x + broadcast<V>(0.66369736f);
    sum = sum * x + broadcast<V>(0.5206186f);
    sum = sum * x + broadcast<V>(0.032571565f);
    sum = sum * x + broadcast<V>(0.00092423515f);
    const V toe = x * broadcast<V>(1.0f / 12.92f);
    return select_less(x, broadcast<V>(0.04045f), toe, sum);
}

// The same in 16-bit integers: `code` is 0..255 in Q7 and not centred, light 0..1 comes as
// 0..32640. Coefficients in Q15, fitted with the rounding of each product; off by .047 of a code at
// most.
template <typename V>
inline V to_linear_q7(V code) noexcept {
    V sum = mul_q15(whole<V>(2919), code) + whole<V>(-10203);
    sum = mul_q15(sum, code) + whole<V>(22037);
    sum = mul_q15(sum, code) + whole<V>(17082);
    sum = mul_q15(sum, code) + whole<V>(1074);
    sum = mul_q15(sum, code) + whole<V>(30);
    return select_less(code, whole<V>(10 << 7), mul_q15(code, whole<V>(2536)), sum);
}

// Light 0..1 to code 0..255, not rounded.
template <typename V>
inline V to_code(V light) noexcept {
    const V x = root(light);
    V sum = broadcast<V>(-241.6622f);
    sum = sum * x + broadcast<V>(871.78766f);
    sum = sum * x + broadcast<V>(-1275.8401f);
    sum = sum * x + broadcast<V>(994.12463f);
    sum = sum * x + broadcast<V>(-484.37402f);
    sum = sum * x + broadcast<V>(401.69522f);
    sum = sum * x + broadcast<V>(-10.769207f);
    const V toe = light * broadcast<V>(12.92f * 255.0f);
    return select_less(light, broadcast<V>(0.0031308f), toe, sum);
}

}  // namespace
