#include "core/matte/cell_grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

constexpr std::ptrdiff_t cells_along = 340;
// Of a large cell not every row is read: about four rows, evenly spread, give the mean well enough.
constexpr std::ptrdiff_t rows_of_cell = 4, most_rows = 7;
// Of a sample that is read, and of a cell of an ordinary mask, in samples of a plain blur.
constexpr std::size_t cost_of_colour = 2, cost_of_cell = 100;
// The least height of a grid that is divided.
constexpr std::ptrdiff_t least_divided = 128;

// The rows of the image that are read for one row of cells.
struct Sample {
    std::ptrdiff_t first, step, count;
};

Sample sample_of(const CellGrid& grid, std::ptrdiff_t row, std::ptrdiff_t height) {
    const std::ptrdiff_t top = row * grid.cell, rows = std::min(grid.cell, height - top);
    const std::ptrdiff_t step = std::max(std::ptrdiff_t{1}, rows / rows_of_cell);
    return {top + step / 2, step, std::min(rows / step, most_rows)};
}

// The rows of cells first .. last - 1.
void colours_of_rows(const ImageView<const std::uint8_t>& image, const CellGrid& grid,
                     std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable& kernels,
                     Planes<float>& colours) {
    const std::size_t samples = size(3 * image.width);
    std::vector<std::uint8_t> packed(image.rows_are_packed() ? 0 : size(most_rows) * samples);
    std::vector<std::uint16_t> sums(samples);
    const std::ptrdiff_t whole = image.width / grid.cell, rest = image.width % grid.cell;
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const Sample sample = sample_of(grid, row, image.height);
        const std::uint8_t* lines[most_rows];
        for (std::ptrdiff_t k = 0; k < sample.count; ++k)
            lines[k] = packed_row(image, sample.first + k * sample.step,
                                  packed.data() + (packed.empty() ? 0 : size(k) * samples));
        kernels.add_rows(lines, size(sample.count), samples, sums.data());
        float* out = colours.data() + grid.at(row);
        const auto share = [&](std::ptrdiff_t across) {
            return 1.0f / static_cast<float>(sample.count * across);
        };
        kernels.fold_cells(sums.data(), size(whole), size(grid.cell), share(grid.cell), out,
                           colours.stride());
        if (rest > 0)
            kernels.fold_cells(sums.data() + size(3 * whole * grid.cell), 1, size(rest),
                               share(rest), out + whole, colours.stride());
    }
}

// The sums are exact: a mean of rounded 8-bit values would have steps where the image has none.
void colours_of_rows(const ImageView<const std::uint16_t>& image, const CellGrid& grid,
                     std::ptrdiff_t first, std::ptrdiff_t last, const KernelTable&,
                     Planes<float>& colours) {
    std::vector<std::uint16_t> packed(image.rows_are_packed() ? 0 : size(3 * image.width));
    std::vector<std::uint64_t> sums(size(3 * grid.width));
    for (std::ptrdiff_t row = first; row < last; ++row) {
        const Sample sample = sample_of(grid, row, image.height);
        std::fill(sums.begin(), sums.end(), std::uint64_t{0});
        for (std::ptrdiff_t k = 0; k < sample.count; ++k) {
            const std::uint16_t* pixel =
                packed_row(image, sample.first + k * sample.step, packed.data());
            std::uint64_t* sum = sums.data();
            for (std::ptrdiff_t left = 0; left < image.width; left += grid.cell, sum += 3)
                for (std::ptrdiff_t x = left; x < std::min(left + grid.cell, image.width); ++x)
                    for (std::size_t c = 0; c < 3; ++c) sum[c] += *pixel++;
        }
        for (std::ptrdiff_t m = 0; m < grid.width; ++m) {
            const std::ptrdiff_t across = std::min(grid.cell, image.width - m * grid.cell);
            const float share = value8_per_sample16 / static_cast<float>(sample.count * across);
            for (std::size_t c = 0; c < 3; ++c)
                colours.plane(c)[grid.at(row) + size(m)] =
                    share * static_cast<float>(sums[size(3 * m) + c]);
        }
    }
}

}  // namespace

std::ptrdiff_t CellGrid::radius(double share) const noexcept {
    const auto cells = static_cast<double>(std::max(width, height));
    return std::max(std::ptrdiff_t{1}, static_cast<std::ptrdiff_t>(std::lround(share * cells)));
}

CellGrid plan_cells(std::ptrdiff_t width, std::ptrdiff_t height) {
    CellGrid grid;
    grid.cell = std::max(std::ptrdiff_t{1}, std::max(width, height) / cells_along);
    grid.width = (width + grid.cell - 1) / grid.cell;
    grid.height = (height + grid.cell - 1) / grid.cell;
    const double scale = 1.0 / static_cast<double>(grid.cell);
    grid.x = plan_bilinear(grid.width, width, scale);
    grid.y = plan_bilinear(grid.height, height, scale);
    return grid;
}

template <typename T>
Planes<float> cell_colours(const ImageView<const T>& image, const CellGrid& grid,
                           const Threads& threads, const KernelTable& kernels) {
    Planes<float> colours(grid.count(), 3);
    const std::size_t cost = cost_of_colour * size(3 * image.width * rows_of_cell);
    for_row_bands(grid.height, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        colours_of_rows(image, grid, first, last, kernels, colours);
    });
    return colours;
}

template Planes<float> cell_colours(const ImageView<const std::uint8_t>&, const CellGrid&,
                                    const Threads&, const KernelTable&);
template Planes<float> cell_colours(const ImageView<const std::uint16_t>&, const CellGrid&,
                                    const Threads&, const KernelTable&);

void for_grid_bands(const CellGrid& grid, const Threads& threads,
                    const std::function<void(std::ptrdiff_t, std::ptrdiff_t)>& work) {
    const std::ptrdiff_t bands = grid.height < least_divided ? 1 : 2;
    const auto row = [&](std::ptrdiff_t band) { return band * grid.height / bands; };
    const std::size_t cost = cost_of_cell * grid.count() / size(bands);
    for_row_bands(bands, cost, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t band = first; band < last; ++band) work(row(band), row(band + 1));
    });
}

Planes<float> cell_alpha(const MaskView& matte, std::ptrdiff_t width, std::ptrdiff_t height,
                         const CellGrid& grid, const KernelTable& kernels) {
    Planes<float> out(grid.count(), 1);
    AlphaRows rows(matte, size(width), size(height), kernels);
    std::vector<std::int16_t> line(size(width));
    const std::ptrdiff_t whole = width / grid.cell, rest = width % grid.cell;
    for (std::ptrdiff_t row = 0; row < grid.height; ++row) {
        const Sample sample = sample_of(grid, row, height);
        for (std::ptrdiff_t k = 0; k < sample.count; ++k) {
            for (std::size_t x = 0; x < line.size(); x += AlphaRows::tile) {
                const std::size_t count = std::min(AlphaRows::tile, line.size() - x);
                std::copy_n(rows.read(sample.first + k * sample.step, x, count), count,
                            line.data() + x);
            }
            float* cells = out.data() + grid.at(row);
            kernels.fold_alpha(line.data(), size(whole), size(grid.cell),
                               1.0f / static_cast<float>(sample.count * grid.cell), cells);
            if (rest > 0)
                kernels.fold_alpha(line.data() + whole * grid.cell, 1, size(rest),
                                   1.0f / static_cast<float>(sample.count * rest), cells + whole);
        }
    }
    return out;
}

void copy_cells(const CellGrid& grid, const Planes<float>& cells, std::size_t count,
                std::ptrdiff_t row, std::size_t first, std::size_t last, Planes<float>& out) {
    for (std::size_t p = 0; p < count; ++p)
        std::copy_n(cells.plane(p) + grid.at(row) + first, last - first, out.plane(p) + first);
}

void put_cells(const CellGrid& grid, const float* planes, std::size_t stride, std::ptrdiff_t row,
               std::size_t first, std::size_t last, CellValues& out) {
    float* values = out.values.data() + out.count * grid.at(row);
    for (std::size_t p = 0; p < out.count; ++p)
        for (std::size_t m = first; m < last; ++m)
            values[out.count * m + p] = planes[p * stride + m];
}

}  // namespace defocus
