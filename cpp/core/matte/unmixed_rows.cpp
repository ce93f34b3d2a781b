#include "core/matte/unmixed_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// Radii of the windows as shares of the long edge.  The paper's 90 and 6 pixels, at 1024, are
// diameters.
constexpr double wide = 0.044, narrow = 0.006;
// A run is searched for soft pixels in pieces of so many pixels.
constexpr std::size_t piece = 16;

bool soft(const std::int16_t* alpha, std::size_t count) noexcept {
    // alpha - 1 as an unsigned number: alpha 0 becomes the largest number there is.
    unsigned found = 0;
    for (std::size_t x = 0; x < count; ++x)
        found |= static_cast<unsigned>(static_cast<std::uint16_t>(alpha[x] - 1) < opaque - 1);
    return found != 0;
}

}  // namespace

Planes<float> blend_parts(const Planes<float>& colours, const Planes<float>& alpha,
                          const CellGrid& grid, const KernelTable& kernels) {
    const std::size_t cells = grid.count(), stride = colours.stride();
    Planes<float> products(cells, 7), parts(cells, 6), front(cells, 3);
    kernels.part_products(colours.data(), colours.data(), alpha.data(), stride, cells,
                          products.data());
    kernels.part_colours(box_mean(products, 7, grid, grid.radius(wide), kernels).data(), stride,
                         cells, parts.data());
    kernels.fuse_parts(colours.data(), alpha.data(), parts.data(), stride, cells, front.data());
    kernels.part_products(front.data(), parts.plane(3), alpha.data(), stride, cells,
                          products.data());
    kernels.part_colours(box_mean(products, 7, grid, grid.radius(narrow), kernels).data(), stride,
                         cells, parts.data());
    return parts;
}

UnmixedRows::UnmixedRows(const CellGrid& grid, const Planes<float>& parts,
                         const KernelTable& kernels)
    : grid_(grid), kernels_(kernels), parts_(grid, parts, 6, kernels) {}

template <typename T>
void UnmixedRows::unmix(std::ptrdiff_t y, std::size_t x, std::size_t count, const T* pixels,
                        const std::int16_t* alpha, T* foreground, T* background) {
    const std::size_t first = size(grid_.x.index[x]);
    const std::size_t last = size(grid_.x.index[x + count - 1]) + 1;
    const Planes<float>& row = parts_.read(y, first, last);
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        kernels_.unmix_foreground(pixels, alpha, row.data() + x, row.stride(), count, foreground);
        if (background) kernels_.unmix_background(pixels, foreground, alpha, count, background);
    } else {
        kernels_.unmix_foreground_16(pixels, alpha, row.data() + x, row.stride(), count,
                                     foreground);
        if (background) kernels_.unmix_background_16(pixels, foreground, alpha, count, background);
    }
}

template <typename T>
void UnmixedRows::read(std::ptrdiff_t y, std::size_t x, std::size_t count, const T* pixels,
                       const std::int16_t* alpha, T* foreground, T* background) {
    const auto end_of = [&](std::size_t from) { return std::min(from + piece, count); };
    for (std::size_t from = 0, to; from < count; from = to) {
        to = end_of(from);
        const bool mixed = soft(alpha + from, to - from);
        while (to < count && soft(alpha + to, end_of(to) - to) == mixed) to = end_of(to);
        T* back = background ? background + 3 * from : nullptr;
        if (mixed) {
            unmix(y, x + from, to - from, pixels + 3 * from, alpha + from, foreground + 3 * from,
                  back);
        } else {
            std::copy_n(pixels + 3 * from, 3 * (to - from), foreground + 3 * from);
            if (back) std::copy_n(pixels + 3 * from, 3 * (to - from), back);
        }
    }
}

template void UnmixedRows::read(std::ptrdiff_t, std::size_t, std::size_t, const std::uint8_t*,
                                const std::int16_t*, std::uint8_t*, std::uint8_t*);
template void UnmixedRows::read(std::ptrdiff_t, std::size_t, std::size_t, const std::uint16_t*,
                                const std::int16_t*, std::uint16_t*, std::uint16_t*);

}  // namespace defocus
