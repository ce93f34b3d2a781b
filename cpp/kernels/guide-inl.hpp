// The arithmetic of the guided filter on a grid of cells (He, Sun & Tang 2013, "Guided image
// filtering", eqs. 14-16, for a colour guide).  In every window a mask p is modelled as a . I + b.
#pragma once

#include "kernels/convert-inl.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/vec/vec.hpp"

namespace {

// 0 up to `low`, 1 from `low + 1 / slope` on, 3 t^2 - 2 t^3 between.
template <typename V>
inline V smooth_step(V v, float low, float slope) noexcept {
    const V zero = broadcast<V>(0.0f), one = broadcast<V>(1.0f);
    V t = (v - broadcast<V>(low)) * broadcast<V>(slope);
    t = select_less(zero, t, t, zero);
    t = select_less(t, one, t, one);
    return t * t * (broadcast<V>(3.0f) - broadcast<V>(2.0f) * t);
}

void guide_products(const float* guide, std::size_t stride, std::size_t n, float* out) noexcept {
    const float* first = guide;
    for (int i = 0; i < 3; ++i, first += stride) {
        const float* second = first;
        for (int j = i; j < 3; ++j, second += stride, out += stride) {
            float* __restrict product = out;
            for (std::size_t x = 0; x < n; ++x) product[x] = first[x] * second[x];
        }
    }
}

void guide_inverse(const float* __restrict means, std::size_t stride, std::size_t n, float epsilon,
                   float* __restrict out) noexcept {
    const double e = static_cast<double>(epsilon);
    for (std::size_t x = 0; x < n; ++x) {
        const double r = means[x], g = means[x + stride], b = means[x + 2 * stride];
        const double rr = means[x + 3 * stride] - r * r + e, rg = means[x + 4 * stride] - r * g;
        const double rb = means[x + 5 * stride] - r * b, gg = means[x + 6 * stride] - g * g + e;
        const double gb = means[x + 7 * stride] - g * b, bb = means[x + 8 * stride] - b * b + e;
        const double c0 = gg * bb - gb * gb, c1 = gb * rb - rg * bb, c2 = rg * gb - gg * rb;
        const double scale = 1.0 / (rr * c0 + rg * c1 + rb * c2);
        out[x] = static_cast<float>(c0 * scale);
        out[x + stride] = static_cast<float>(c1 * scale);
        out[x + 2 * stride] = static_cast<float>(c2 * scale);
        out[x + 3 * stride] = static_cast<float>((rr * bb - rb * rb) * scale);
        out[x + 4 * stride] = static_cast<float>((rb * rg - rr * gb) * scale);
        out[x + 5 * stride] = static_cast<float>((rr * gg - rg * rg) * scale);
    }
}

void mask_products(const float* __restrict guide, const float* __restrict mask, std::size_t stride,
                   std::size_t n, float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const float p = mask[x];
        out[x] = p;
        out[x + stride] = p * guide[x];
        out[x + 2 * stride] = p * guide[x + stride];
        out[x + 3 * stride] = p * guide[x + 2 * stride];
    }
}

void guide_coefficients(const float* __restrict means, const float* __restrict inverse,
                        const float* __restrict mask, std::size_t stride, std::size_t n,
                        float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        const double p = mask[x];
        const double r = means[x], g = means[x + stride], b = means[x + 2 * stride];
        const double cr = mask[x + stride] - r * p, cg = mask[x + 2 * stride] - g * p;
        const double cb = mask[x + 3 * stride] - b * p;
        const double rg = inverse[x + stride], rb = inverse[x + 2 * stride];
        const double gb = inverse[x + 4 * stride];
        const double ar = inverse[x] * cr + rg * cg + rb * cb;
        const double ag = rg * cr + inverse[x + 3 * stride] * cg + gb * cb;
        const double ab = rb * cr + gb * cg + inverse[x + 5 * stride] * cb;
        out[x] = static_cast<float>(ar);
        out[x + stride] = static_cast<float>(ag);
        out[x + 2 * stride] = static_cast<float>(ab);
        out[x + 3 * stride] = static_cast<float>(p - ar * r - ag * g - ab * b);
    }
}

void guide_apply(const float* __restrict coefficients, const float* __restrict guide,
                 std::size_t stride, std::size_t n, float low, float slope,
                 float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) {
        float sum = coefficients[x + 3 * stride] + coefficients[x] * guide[x];
        sum += coefficients[x + stride] * guide[x + stride];
        sum += coefficients[x + 2 * stride] * guide[x + 2 * stride];
        out[x] = smooth_step(sum, low, slope);
    }
}

constexpr std::size_t guide_block = 64;

// The alpha, times `opaque`, of pixels whose red, green and blue lie guide_block apart.
template <typename V, typename T>
inline V guided_value(const T* colours, const float* coefficients, std::size_t stride, float low,
                      float slope) noexcept {
    V sum = load<V>(coefficients + 3 * stride);
    for (std::size_t c = 0; c < 3; ++c)
        sum = sum + load<V>(coefficients + c * stride) * load<V>(colours + c * guide_block);
    return smooth_step(sum, low, slope) * broadcast<V>(opaque);
}

template <typename T>
inline void guided_pixels(const T* colours, const float* coefficients, std::size_t stride,
                          std::size_t count, float low, float slope, std::int16_t* out) noexcept {
    constexpr std::size_t lanes = Floats::lanes;
    const auto vector = [&](std::size_t j) {
        guided_value<Floats>(colours + j, coefficients + j, stride, low, slope)
            .store_shorts(out + j);
    };
    std::size_t j = 0;
    for (; j + lanes <= count; j += lanes) vector(j);
    if (j < count && count > lanes) {  // the last vector begins within the one before it
        vector(count - lanes);
        return;
    }
    for (; j < count; ++j) {
        const float alpha = guided_value<float>(colours + j, coefficients + j, stride, low, slope);
        out[j] = static_cast<std::int16_t>(static_cast<std::int32_t>(alpha + 0.5f));
    }
}

// The pixels of the block that begins at `x`.  The last block is at least a vector, if the row is.
inline std::size_t pixels_of_block(std::size_t& x, std::size_t n) noexcept {
    constexpr std::size_t lanes = Floats::lanes;
    if (n - x >= guide_block) return guide_block;
    if (n - x < lanes && n >= lanes) x = n - lanes;
    return n - x;
}

void guided_alpha(const std::uint8_t* __restrict pixels, const float* __restrict coefficients,
                  std::size_t stride, std::size_t n, float low, float slope,
                  std::int16_t* __restrict out) noexcept {
    std::uint8_t colours[3 * guide_block];
    for (std::size_t x = 0, count; x < n; x += count) {
        count = pixels_of_block(x, n);
        split_bytes(pixels + 3 * x, count, colours, guide_block);
        guided_pixels(colours, coefficients + x, stride, count, low, slope, out + x);
    }
}

void alpha_floats(const std::int16_t* __restrict alpha, std::size_t n,
                  float* __restrict out) noexcept {
    for (std::size_t x = 0; x < n; ++x) out[x] = static_cast<float>(alpha[x]) * alpha_share;
}

}  // namespace
