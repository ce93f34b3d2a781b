// Colour and alpha.  I = alpha F + (1 - alpha) B, in 0..255 floats; alpha 0..1.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/kernel_table.hpp"

namespace {

void premultiply_background(float* __restrict planes, std::size_t stride,
                            const float* __restrict alpha, std::size_t width) noexcept {
    float* __restrict weight = planes + 3 * stride;
    for (std::size_t x = 0; x < width; ++x) weight[x] = 1.0f - alpha[x];
    for (std::size_t c = 0; c < 3; ++c) {
        float* __restrict plane = planes + c * stride;
        for (std::size_t x = 0; x < width; ++x) plane[x] *= weight[x];
    }
}

// a * F + (1 - a) * B and not F + (1 - a) * (B - F): both ends are exact this way, so alpha 1
// returns the foreground's own bytes whatever the background holds.
inline float mix(float foreground, float background, float a) noexcept {
    return a * foreground + (1.0f - a) * background;
}

void blend_normalised(const std::uint8_t* __restrict foreground, const float* __restrict background,
                      std::size_t stride, const float* __restrict alpha, std::size_t width,
                      std::uint8_t* __restrict pixels) noexcept {
    // Every tap is positive, so a pixel with alpha < 1 has a positive weight of its own, and where
    // the weight is 0 alpha is 1 and the background does not count.  The floor only keeps 0 / 0
    // out of the product.
    constexpr float tiny = 1e-30f;
    const float* __restrict weight = background + 3 * stride;
    for (std::size_t x = 0; x < width; ++x) {
        const float scale = 1.0f / (weight[x] > tiny ? weight[x] : tiny);
        for (std::size_t c = 0; c < 3; ++c) {
            const float b = background[c * stride + x] * scale;
            pixels[3 * x + c] =
                to_byte(mix(static_cast<float>(foreground[3 * x + c]), b, alpha[x]));
        }
    }
}

void blend(const std::uint8_t* __restrict foreground, const std::uint8_t* __restrict background,
           const float* __restrict alpha, std::size_t width,
           std::uint8_t* __restrict pixels) noexcept {
    for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < 3; ++c)
            pixels[3 * x + c] = to_byte(mix(static_cast<float>(foreground[3 * x + c]),
                                            static_cast<float>(background[3 * x + c]), alpha[x]));
}

void attach_alpha(const std::uint8_t* __restrict rgb, const float* __restrict alpha,
                  std::size_t width, std::uint8_t* __restrict rgba) noexcept {
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) rgba[4 * x + c] = rgb[3 * x + c];
        rgba[4 * x + 3] = to_byte(255.0f * alpha[x]);
    }
}

}  // namespace
