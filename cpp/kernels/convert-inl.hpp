// Interleaved pixels to planes and back.
#pragma once

#include "kernels/kernel_table.hpp"
#include "kernels/vec/shuffle.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// The nearest 8-bit value, halves up.  A NaN gives 0 instead of undefined behaviour.
inline std::uint8_t to_byte(float v) noexcept {
    v = v > 0.0f ? v : 0.0f;
    v = v < 255.0f ? v : 255.0f;
    return static_cast<std::uint8_t>(static_cast<std::int32_t>(v + 0.5f));
}

// Constant strides let the compiler turn these loops into shuffles.
template <std::size_t Channels, typename In, typename Out>
inline void split_by(const In* __restrict pixels, std::size_t width, Out* __restrict planes,
                     std::size_t stride) noexcept {
    for (std::size_t c = 0; c < Channels; ++c) {
        Out* __restrict plane = planes + c * stride;
        for (std::size_t x = 0; x < width; ++x)
            plane[x] = static_cast<Out>(pixels[x * Channels + c]);
    }
}

// Pixels of bytes to three planes of bytes.
inline void split_bytes(const std::uint8_t* pixels, std::size_t width, std::uint8_t* planes,
                        std::size_t stride) noexcept {
    const std::size_t x = split_three(pixels, width, planes, stride);
    split_by<3>(pixels + 3 * x, width - x, planes + x, stride);
}

template <typename In, typename Out>
inline void split_any(const In* pixels, std::size_t width, std::size_t channels, Out* planes,
                      std::size_t stride) noexcept {
    switch (channels) {
        case 1: return split_by<1>(pixels, width, planes, stride);
        case 3: return split_by<3>(pixels, width, planes, stride);
        default: return split_by<4>(pixels, width, planes, stride);
    }
}

void split_q7(const std::int16_t* pixels, std::size_t width, std::size_t channels,
              std::int16_t* planes, std::size_t stride) noexcept {
    if (channels == 3) {
        const std::size_t x = split_three(pixels, width, planes, stride);
        split_by<3>(pixels + 3 * x, width - x, planes + x, stride);
        return;
    }
    split_any(pixels, width, channels, planes, stride);
}

// Q7 that is not centred: 0 .. q7_white.
void open_q7(const std::int16_t* row, std::size_t n, float* out) noexcept {
    const Floats centre = Floats::broadcast(q7_centre);
    std::size_t i = 0;
    for (; i + Floats::lanes <= n; i += Floats::lanes)
        (Floats::load_shorts(row + i) + centre).store(out + i);
    for (; i < n; ++i) out[i] = static_cast<float>(row[i] + q7_centre);
}

void split_floats(const float* pixels, std::size_t width, std::size_t channels, float* planes,
                  std::size_t stride) noexcept {
    split_any(pixels, width, channels, planes, stride);
}

template <std::size_t Channels, typename T>
inline void merge_by(const T* __restrict planes, std::size_t stride, std::size_t width,
                     T* __restrict pixels) noexcept {
    std::size_t x = 0;
    if constexpr (Channels == 3) x = merge_three(planes, stride, width, pixels);
    for (; x < width; ++x)
        for (std::size_t c = 0; c < Channels; ++c)
            pixels[x * Channels + c] = planes[c * stride + x];
}

template <typename T>
inline void merge_any(const T* planes, std::size_t stride, std::size_t width, std::size_t channels,
                      T* pixels) noexcept {
    switch (channels) {
        case 1: return merge_by<1>(planes, stride, width, pixels);
        case 3: return merge_by<3>(planes, stride, width, pixels);
        default: return merge_by<4>(planes, stride, width, pixels);
    }
}

void merge_q7(const std::int16_t* planes, std::size_t stride, std::size_t width,
              std::size_t channels, std::int16_t* pixels) noexcept {
    merge_any(planes, stride, width, channels, pixels);
}

void merge_floats(const float* planes, std::size_t stride, std::size_t width, std::size_t channels,
                  float* pixels) noexcept {
    merge_any(planes, stride, width, channels, pixels);
}

}  // namespace
