#include "core/matte/unmixed_rows.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/base/samples.hpp"
#include "core/cells/box_means.hpp"

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

// Means of the two sides of rows from `first` on, one row after the other.
class PartRows {
  public:
    PartRows(const Planes<float>& colours, const Planes<float>& alpha, const CellGrid& grid,
             const WindowCells& narrow_cells, const WindowCells& wide_cells, std::ptrdiff_t first,
             const KernelTable& kernels)
        : colours_(colours),
          alpha_(alpha),
          grid_(grid),
          narrow_(narrow_cells),
          wide_(wide_cells),
          kernels_(kernels),
          narrow_means_(7, narrow_cells, first, kernels),
          wide_means_(7, wide_cells, std::max(first - narrow_cells.radius, std::ptrdiff_t{0}),
                      kernels),
          guide_(size(grid.width), 3),
          means_(size(grid.width), 7),
          both_(size(grid.width), 6),
          front_(size(grid.width), 3) {}

    // Puts the next row, which is row y, where it belongs in `out`.
    void next(std::ptrdiff_t y, CellValues& out) {
        const auto read = [&](std::ptrdiff_t row, Planes<float>& into) { fuse(row, into); };
        narrow_means_.next(read, means_.data(), means_.stride());
        narrow_.wanted.runs(y, [&](std::size_t first, std::size_t last) {
            divide(first, last);
            put_cells(grid_, both_.data(), both_.stride(), y, first, last, out);
        });
    }

  private:
    void divide(std::size_t first, std::size_t last) {
        kernels_.part_colours(means_.data() + first, means_.stride(), last - first,
                              both_.data() + first);
    }

    // What the wide windows see of row y.
    void share(std::ptrdiff_t y, Planes<float>& into) {
        const float* const alpha = alpha_.data() + grid_.at(y);
        wide_.reads.runs(y, [&](std::size_t first, std::size_t last) {
            copy_cells(grid_, colours_, 3, y, first, last, guide_);
            const float* const guide = guide_.data() + first;
            kernels_.part_products(guide, guide, alpha + first, guide_.stride(), last - first,
                                   into.data() + first);
        });
    }

    // What the narrow windows see of row y.
    void fuse(std::ptrdiff_t y, Planes<float>& into) {
        const float* const alpha = alpha_.data() + grid_.at(y);
        const auto read = [&](std::ptrdiff_t row, Planes<float>& in) { share(row, in); };
        const std::size_t stride = means_.stride();
        wide_means_.next(read, means_.data(), stride);
        wide_.wanted.runs(y, [&](std::size_t first, std::size_t last) {
            const std::size_t count = last - first;
            divide(first, last);
            copy_cells(grid_, colours_, 3, y, first, last, guide_);
            kernels_.fuse_parts(guide_.data() + first, alpha + first, both_.data() + first, stride,
                                count, front_.data() + first);
            kernels_.part_products(front_.data() + first, both_.plane(3) + first, alpha + first,
                                   stride, count, into.data() + first);
        });
    }

    const Planes<float>&colours_, &alpha_;
    const CellGrid& grid_;
    const WindowCells &narrow_, &wide_;
    const KernelTable& kernels_;
    BoxMeans narrow_means_, wide_means_;
    Planes<float> guide_, means_, both_, front_;  // one row
};

}  // namespace

CellValues blend_parts(const Planes<float>& colours, const Planes<float>& alpha,
                       const CellGrid& grid, const CellSet& wanted, const Threads& threads,
                       const KernelTable& kernels) {
    CellValues parts(grid, 6);
    const WindowCells narrow_cells(wanted, grid.radius(narrow));
    const WindowCells wide_cells(narrow_cells.reads, grid.radius(wide));
    for_grid_bands(grid, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        PartRows rows(colours, alpha, grid, narrow_cells, wide_cells, first, kernels);
        for (std::ptrdiff_t y = first; y < last; ++y) rows.next(y, parts);
    });
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
