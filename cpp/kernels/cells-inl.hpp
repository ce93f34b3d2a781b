// The mean colour of the pixels of each cell of a grid.
#pragma once

#include "kernels/kernel_table.hpp"

namespace {

// A constant count lets the compiler add the rows in registers.
template <std::size_t Count>
inline void add_so_many(const std::uint8_t* const* rows, std::size_t n,
                        std::uint16_t* __restrict out) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        std::uint16_t sum = rows[0][i];
        for (std::size_t r = 1; r < Count; ++r) sum = static_cast<std::uint16_t>(sum + rows[r][i]);
        out[i] = sum;
    }
}

void add_rows(const std::uint8_t* const* rows, std::size_t count, std::size_t n,
              std::uint16_t* out) noexcept {
    switch (count) {
        case 1: return add_so_many<1>(rows, n, out);
        case 2: return add_so_many<2>(rows, n, out);
        case 3: return add_so_many<3>(rows, n, out);
        case 4: return add_so_many<4>(rows, n, out);
        case 5: return add_so_many<5>(rows, n, out);
        case 6: return add_so_many<6>(rows, n, out);
        default: return add_so_many<7>(rows, n, out);
    }
}

void fold_cells(const std::uint16_t* sums, std::size_t cells, std::size_t size, float scale,
                float* planes, std::size_t stride) noexcept {
    for (std::size_t m = 0; m < cells; ++m) {
        std::uint32_t red = 0, green = 0, blue = 0;
        for (std::size_t x = 0; x < size; ++x) {
            const std::uint16_t* pixel = sums + 3 * (m * size + x);
            red += pixel[0];
            green += pixel[1];
            blue += pixel[2];
        }
        planes[m] = static_cast<float>(red) * scale;
        planes[m + stride] = static_cast<float>(green) * scale;
        planes[m + 2 * stride] = static_cast<float>(blue) * scale;
    }
}

void fold_alpha(const std::int16_t* alpha, std::size_t cells, std::size_t size, float scale,
                float* out) noexcept {
    for (std::size_t m = 0; m < cells; ++m) {
        std::int32_t sum = 0;
        for (std::size_t x = 0; x < size; ++x) sum += alpha[m * size + x];
        out[m] += static_cast<float>(sum) * (scale * alpha_share);
    }
}

}  // namespace
