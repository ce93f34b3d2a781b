#include "core/matte/unmixed_rows.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/base/samples.hpp"
#include "core/matte/box_means.hpp"

namespace defocus {
namespace {

// Radii of the windows as shares of the long edge.  The paper's 90 and 6 pixels, at 1024, are
// diameters.
constexpr double wide = 0.044, narrow = 0.006;
// A run is searched for soft pixels in pieces of so many pixels.
constexpr std::size_t piece = 16;

// Whether a sample of a piece is neither 0 nor `opaque`, which is a power of two.  The piece may
// end where a row ends: there the samples behind it count, too, and do no harm.
bool soft(const std::int16_t* alpha) noexcept {
    static_assert((opaque & (opaque - 1)) == 0 && piece <= over_read);
    std::uint64_t four[piece / 4], found = 0;
    std::memcpy(four, alpha, sizeof(four));
    for (const std::uint64_t samples : four) found |= samples;
    return (found & (std::uint64_t{0x0001'0001'0001'0001} * (opaque - 1))) != 0;
}

}  // namespace

CellValues blend_parts(const Planes<float>& colours, const Planes<float>& alpha,
                       const CellGrid& grid, const CellSet& wanted, const KernelTable& kernels) {
    const std::size_t width = size(grid.width);
    CellValues parts(grid, 6);
    BoxMeans narrow_means(grid, 7, grid.radius(narrow), wanted, kernels);
    BoxMeans wide_means(grid, 7, grid.radius(wide), narrow_means.reads(), kernels);
    Planes<float> guide(width, 3), means(width, 7), both(width, 6), front(width, 3);
    const std::size_t stride = guide.stride();
    const auto divide = [&](std::size_t first, std::size_t last) {
        kernels.part_colours(means.data() + first, stride, last - first, both.data() + first);
    };
    const auto shares = [&](std::ptrdiff_t y, Planes<float>& into) {
        wide_means.reads().runs(y, [&](std::size_t first, std::size_t last) {
            copy_cells(grid, colours, 3, y, first, last, guide);
            const float* const both_sides = guide.data() + first;
            kernels.part_products(both_sides, both_sides, alpha.data() + grid.at(y) + first, stride,
                                  last - first, into.data() + first);
        });
    };
    const auto fused_shares = [&](std::ptrdiff_t y, Planes<float>& into) {
        wide_means.next(shares, means.data(), stride);
        narrow_means.reads().runs(y, [&](std::size_t first, std::size_t last) {
            const float* const a = alpha.data() + grid.at(y) + first;
            divide(first, last);
            copy_cells(grid, colours, 3, y, first, last, guide);
            kernels.fuse_parts(guide.data() + first, a, both.data() + first, stride, last - first,
                               front.data() + first);
            kernels.part_products(front.data() + first, both.plane(3) + first, a, stride,
                                  last - first, into.data() + first);
        });
    };
    for (std::ptrdiff_t y = 0; y < grid.height; ++y) {
        narrow_means.next(fused_shares, means.data(), stride);
        wanted.runs(y, [&](std::size_t first, std::size_t last) {
            divide(first, last);
            put_cells(grid, both.data(), stride, y, first, last, parts);
        });
    }
    return parts;
}

UnmixedRows::UnmixedRows(const CellGrid& grid, const CellValues& parts, const KernelTable& kernels)
    : grid_(grid), kernels_(kernels), parts_(grid, parts, kernels) {}

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
        const bool mixed = soft(alpha + from);
        while (to < count && soft(alpha + to) == mixed) to = end_of(to);
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
