// Slow, exact numbers that several cases need.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/samples.hpp"

namespace defocus::fuzz {

inline double clamped(double value, double low, double high) {
    return std::min(std::max(value, low), high);
}
inline double share_of(double q14) {
    return q14 / opaque;
}
inline double value_of_q7(double q7) {
    return (q7 + q7_centre) / 128.0;
}
// sRGB 0..255 to light 0..1 and back: IEC 61966-2-1.
inline double light_of_value(double value) {
    const double x = value / 255.0;
    return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}
inline double value_of_light(double light) {
    const double x = clamped(light, 0.0, 1.0);
    return 255.0 * (x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1.0 / 2.4) - 0.055);
}
inline double mixed(double front, double back, double alpha, bool linear) {
    if (!linear) return alpha * front + (1.0 - alpha) * back;
    const double light = alpha * light_of_value(front) + (1.0 - alpha) * light_of_value(back);
    return value_of_light(light);
}
// 0 up to low, 1 from low + 1 / slope on, 3 t^2 - 2 t^3 between.
inline double step_of(double value, double low, double slope) {
    const double t = clamped((value - low) * slope, 0.0, 1.0);
    return t * t * (3.0 - 2.0 * t);
}
// What of a colour its two parts do not explain goes to the foreground.
inline double fused_parts(double colour, double alpha, double front, double back) {
    return front + alpha * (colour - alpha * front - (1.0 - alpha) * back);
}

}  // namespace defocus::fuzz
