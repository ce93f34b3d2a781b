#include "core/matte/guided_matte.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/samples.hpp"
#include "core/cells/cell_set.hpp"

namespace defocus {
namespace {

// Measured on photos with known mattes.  The result hardly depends on these values.  Windows of
// .008 to .012 of the long edge, and a hundredfold range of epsilon, agree within .1 dB.
constexpr double window = 0.008;
constexpr Ends between{0.1f, 0.9f};
// A mask up to this, t, is as good as 0, and from 1 - t on as good as 1.  Take a window of n cells
// with masks of 0..t.  For the colours in it the model gives at most t + t sqrt(n) / 2.  Windows
// have up to 121 cells.  So the smoothstep after the first run gives 0.
constexpr float certain = 0.015f;

// Adds the cells whose mask is not certainly 0, and those where it is not certainly 1.
void add_uncertain(const CellGrid& grid, const Planes<float>& mask, CellSet& not_0,
                   CellSet& not_1) {
    const std::size_t width = size(grid.width);
    for (std::ptrdiff_t row = 0; row < grid.height; ++row) {
        const float* const cells = mask.data() + grid.at(row);
        for (std::size_t m = 0, end; m < width; m = end) {
            end = std::min(m + CellSet::group, width);
            const auto all = [&](auto holds) { return std::all_of(cells + m, cells + end, holds); };
            if (!all([](float a) { return a <= certain; })) not_0.add(row, m, end);
            if (!all([](float a) { return a >= 1.0f - certain; })) not_1.add(row, m, end);
        }
    }
}

// The cells that each run has to compute.  Within twice the radius of any other cell, the mask is
// certainly 0 in all cells, or certainly 1 in all.
struct Uncertain {
    PassCells first, second;
    WindowCells windows;

    Uncertain(CellSet computed_first, CellSet computed_second, std::ptrdiff_t radius)
        : first(std::move(computed_first), radius),
          second(std::move(computed_second), radius),
          windows(second.means.reads, radius) {}
};

Uncertain find_uncertain(const CellGrid& grid, const Planes<float>& mask) {
    CellSet not_0(grid.width, grid.height, false), not_1 = not_0;
    add_uncertain(grid, mask, not_0, not_1);
    const std::ptrdiff_t radius = grid.radius(window);
    const auto near_both = [&] {
        return not_0.grown(2 * radius, 2 * radius).common(not_1.grown(2 * radius, 2 * radius));
    };
    const CellSet first = near_both();
    not_0 = not_0.joined(first);
    not_1 = not_1.joined(first);
    return {first, near_both(), radius};
}

}  // namespace

Planes<float> mask_of_cells(const MaskView& mask, const CellGrid& grid, std::ptrdiff_t width,
                            std::ptrdiff_t height, const KernelTable& kernels) {
    Planes<float> out(grid.count(), 1);
    std::visit(
        [&](const auto& view) {
            using T = std::remove_const_t<std::remove_pointer_t<decltype(view.data)>>;
            constexpr float full = std::is_same_v<T, float> ? 1.0f : 255.0f;
            const bool cells_already = view.width == grid.width && view.height == grid.height;
            const auto scale = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
                if (cells_already) return 1.0;
                return static_cast<double>(grid.cell * from) / static_cast<double>(to);
            };
            const BilinearAxis x = plan_bilinear(view.width, grid.width, scale(view.width, width));
            const BilinearAxis y =
                plan_bilinear(view.height, grid.height, scale(view.height, height));
            const std::size_t cells = size(grid.width);
            std::vector<float> row(size(view.width) + 1);  // the last one has no right neighbour
            Planes<float> pair(cells, 2);
            const auto stretched = [&](std::ptrdiff_t index, float* into) {
                const T* samples = view.row(std::min(index, view.height - 1));
                for (std::ptrdiff_t m = 0; m < view.width; ++m)
                    row[size(m)] = static_cast<float>(samples[m * view.pixel_stride]) / full;
                row.back() = row[row.size() - 2];
                kernels.lerp_columns(row.data(), x.starts.data(), size(view.width), x.weight.data(),
                                     cells, into);
            };
            for (std::ptrdiff_t j = 0; j < grid.height; ++j) {
                stretched(y.index[size(j)], pair.plane(0));
                stretched(y.index[size(j)] + 1, pair.plane(1));
                kernels.lerp_rows(pair.plane(0), pair.plane(1), y.weight[size(j)], cells,
                                  out.data() + grid.at(j));
            }
        },
        mask);
    return out;
}

template <typename T>
GuidedMatte::GuidedMatte(const ImageView<const T>& image, const MaskView& mask,
                         const Threads& threads, const KernelTable& kernels)
    : grid_(plan_cells(image.width, image.height)),
      colours_(cell_colours(image, grid_, threads, kernels)),
      coefficients_(grid_, 4),
      alpha_(grid_.count(), 1) {
    const Planes<float> at_cells = mask_of_cells(mask, grid_, image.width, image.height, kernels);
    const Uncertain cells = find_uncertain(grid_, at_cells);
    const Guide guide{grid_, colours_, at_cells, kernels};
    const std::ptrdiff_t radius = cells.windows.radius;
    for_grid_bands(grid_, threads, [&](std::ptrdiff_t from, std::ptrdiff_t to) {
        const std::ptrdiff_t top = GuidePass::top(from, 2 * radius);
        GuideWindows windows(guide, cells.windows, GuidePass::top(top, radius));
        GuidePass first(guide, windows, cells.first, between, top);
        GuidePass second(guide, windows, cells.second, ends, from);
        std::vector<float> row_between(size(grid_.width));
        const auto of_mask = [&](std::ptrdiff_t y) { return at_cells.data() + grid_.at(y); };
        const auto of_first = [&](std::ptrdiff_t) {
            first.next(of_mask, row_between.data());
            return row_between.data();
        };
        for (std::ptrdiff_t row = from; row < to; ++row) {
            second.next(of_first, alpha_.data() + grid_.at(row));
            put_coefficients(second.coefficients(), cells.second.means.wanted, row);
        }
    });
    kinds_ = CellKinds(grid_, coefficients_, cells.second.means.wanted, ends.low, ends.high);
}

// Cells that are not computed have no a, and their alpha as b.
void GuidedMatte::put_coefficients(const Planes<float>& made, const CellSet& computed,
                                   std::ptrdiff_t row) {
    const float* const alpha = alpha_.data() + grid_.at(row);
    float* const values = coefficients_.values.data() + 4 * grid_.at(row);
    const auto put = [&](std::size_t first, std::size_t last) {
        put_cells(grid_, made.data(), made.stride(), row, first, last, coefficients_);
    };
    const auto settle = [&](std::size_t first, std::size_t last) {
        for (std::size_t m = first; m < last; ++m) values[4 * m + 3] = alpha[m];
    };
    computed.runs(row, put, settle);
}

template GuidedMatte::GuidedMatte(const ImageView<const std::uint8_t>&, const MaskView&,
                                  const Threads&, const KernelTable&);
template GuidedMatte::GuidedMatte(const ImageView<const std::uint16_t>&, const MaskView&,
                                  const Threads&, const KernelTable&);

}  // namespace defocus
