// Interleaved pixels to float planes and back.
#pragma once

#include "kernels/kernel_table.hpp"

namespace {

// Nearest 8-bit value, halves up.  Written so that a NaN gives 0 instead of undefined behaviour.
inline std::uint8_t to_byte(float v) noexcept {
    v = v > 0.0f ? v : 0.0f;
    v = v < 255.0f ? v : 255.0f;
    return static_cast<std::uint8_t>(static_cast<std::int32_t>(v + 0.5f));
}

template <typename T, std::size_t Channels>
inline void split_fixed(const T* __restrict pixels, std::size_t width, float* __restrict planes,
                        std::size_t stride) noexcept {
    for (std::size_t c = 0; c < Channels; ++c) {
        float* __restrict plane = planes + c * stride;
        for (std::size_t x = 0; x < width; ++x)
            plane[x] = static_cast<float>(pixels[x * Channels + c]);
    }
}

template <typename T>
inline void split_any(const T* pixels, std::size_t width, std::size_t channels, float* planes,
                      std::size_t stride) noexcept {
    // Fixed strides are what lets the compiler turn the loops into shuffles.
    switch (channels) {
        case 1: return split_fixed<T, 1>(pixels, width, planes, stride);
        case 3: return split_fixed<T, 3>(pixels, width, planes, stride);
        default: return split_fixed<T, 4>(pixels, width, planes, stride);
    }
}

void split(const std::uint8_t* pixels, std::size_t width, std::size_t channels, float* planes,
           std::size_t stride) noexcept {
    split_any(pixels, width, channels, planes, stride);
}

void split_float(const float* pixels, std::size_t width, std::size_t channels, float* planes,
                 std::size_t stride) noexcept {
    split_any(pixels, width, channels, planes, stride);
}

void merge(const float* __restrict planes, std::size_t stride, std::size_t width,
           std::size_t channels, std::uint8_t* __restrict pixels) noexcept {
    for (std::size_t c = 0; c < channels; ++c) {
        const float* __restrict plane = planes + c * stride;
        for (std::size_t x = 0; x < width; ++x) pixels[x * channels + c] = to_byte(plane[x]);
    }
}

void merge_float(const float* __restrict planes, std::size_t stride, std::size_t width,
                 std::size_t channels, float* __restrict pixels) noexcept {
    for (std::size_t c = 0; c < channels; ++c) {
        const float* __restrict plane = planes + c * stride;
        for (std::size_t x = 0; x < width; ++x) pixels[x * channels + c] = plane[x];
    }
}

}  // namespace
