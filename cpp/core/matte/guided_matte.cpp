#include "core/matte/guided_matte.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/samples.hpp"
#include "core/matte/box_means.hpp"
#include "core/matte/cell_set.hpp"

namespace defocus {
namespace {

// Measured on photos with known mattes.  The result hardly depends on these values.  Windows of
// .008 to .012 of the long edge, and a hundredfold range of epsilon, agree within .1 dB.
constexpr double window = 0.008;
constexpr float epsilon = 6.5f;  // a variance of 8-bit values that counts as noise
constexpr Ends between{0.1f, 0.9f};
// A mask up to this is as good as 0, and from 1 minus this on as good as 1.  In a window of n cells
// whose mask lies within 0..t, no model gives more than t + t sqrt(n) / 2 for the colour of one of
// them.  Windows have up to 121 cells.  So the smoothstep after the first run gives 0.
constexpr float certain = 0.015f;

// The cells that have to be computed in each run: those whose windows, and the windows of the cells
// in these, do not have the same certain mask everywhere.
struct Uncertain {
    CellSet first, second;

    Uncertain(const CellGrid& grid, const Planes<float>& alpha, std::ptrdiff_t radius)
        : first(grid, false), second(grid, false) {
        CellSet not_0(grid, false), not_1(grid, false);
        for (std::ptrdiff_t row = 0; row < grid.height; ++row) {
            const float* const cells = alpha.data() + grid.at(row);
            for (std::size_t m = 0; m < size(grid.width); m += CellSet::group) {
                const std::size_t end = std::min(m + CellSet::group, size(grid.width));
                if (!std::all_of(cells + m, cells + end, [](float a) { return a <= certain; }))
                    not_0.add(row, m, end);
                if (!std::all_of(cells + m, cells + end, [](float a) { return a >= 1 - certain; }))
                    not_1.add(row, m, end);
            }
        }
        const auto near_both = [&] {
            return not_0.grown(2 * radius, 2 * radius).common(not_1.grown(2 * radius, 2 * radius));
        };
        first = near_both();
        not_0 = not_0.joined(first);
        not_1 = not_1.joined(first);
        second = near_both();
    }
};

// What the filter needs to know of the guide in each window of cells, row by row.
class GuideWindows {
  public:
    GuideWindows(const CellGrid& grid, const Planes<float>& colours, CellSet wanted,
                 const KernelTable& kernels)
        : grid_(grid),
          colours_(colours),
          kernels_(kernels),
          wanted_(std::move(wanted)),
          moments_(grid, 9, radius(grid), wanted_, kernels),
          rows_(size(2 * radius(grid) + 2), size(grid.width), 15) {}

    static std::ptrdiff_t radius(const CellGrid& grid) noexcept { return grid.radius(window); }
    const CellGrid& grid() const noexcept { return grid_; }
    const KernelTable& kernels() const noexcept { return kernels_; }
    const Planes<float>& colours() const noexcept { return colours_; }

    // The means of the guide and its products in nine planes, and the inverse of the covariance in
    // six.  The 2 radius rows above the lowest one that was asked for are held, too.
    const Planes<float>& at(std::ptrdiff_t row) {
        const auto read = [&](std::ptrdiff_t y, Planes<float>& into) {
            moments_.reads().runs(y, [&](std::size_t first, std::size_t last) {
                copy_cells(grid_, colours_, 3, y, first, last, into);
                kernels_.guide_products(into.data() + first, into.stride(), last - first,
                                        into.plane(3) + first);
            });
        };
        for (; made_ <= row; ++made_) {
            Planes<float>& made = rows_[made_];
            moments_.next(read, made.data(), made.stride());
            wanted_.runs(made_, [&](std::size_t first, std::size_t last) {
                kernels_.guide_inverse(made.data() + first, made.stride(), last - first, epsilon,
                                       made.plane(9) + first);
            });
        }
        return rows_[row];
    }

  private:
    const CellGrid& grid_;
    const Planes<float>& colours_;
    const KernelTable& kernels_;
    CellSet wanted_;
    BoxMeans moments_;
    RowRing<float> rows_;
    std::ptrdiff_t made_ = 0;
};

// One run of the filter, row by row.  It reads alpha 2 radius rows below those that it replaces.
class GuidePass {
  public:
    // The cells of `uncertain` are computed.  The others become 0 or 1.
    GuidePass(GuideWindows& windows, const CellSet& uncertain, const Ends& after,
              Planes<float>& alpha)
        : windows_(windows),
          uncertain_(uncertain),
          after_(after),
          alpha_(alpha),
          means_(windows.grid(), 4, windows.radius(windows.grid()), uncertain, windows.kernels()),
          masks_(windows.grid(), 4, windows.radius(windows.grid()), means_.reads(),
                 windows.kernels()),
          guide_(size(windows.grid().width), 3),
          mask_(size(windows.grid().width), 4),
          coefficients_(size(windows.grid().width), 4) {}

    std::ptrdiff_t made() const noexcept { return made_; }
    // Of the uncertain cells of the row that was made last.
    const Planes<float>& coefficients() const noexcept { return coefficients_; }

    // Makes the next row of coefficients, and replaces that of alpha.  Calls need(row) before it
    // reads a row of alpha.
    template <typename Need>
    void next(const Need& need) {
        const auto products = [&](std::ptrdiff_t y, Planes<float>& into) {
            need(y);
            multiply(y, into);
        };
        const auto models = [&](std::ptrdiff_t y, Planes<float>& into) {
            masks_.next(products, mask_.data(), mask_.stride());
            model(y, into);
        };
        means_.next(models, coefficients_.data(), coefficients_.stride());
        apply(alpha_.data() + windows_.grid().at(made_));
        ++made_;
    }

  private:
    void multiply(std::ptrdiff_t y, Planes<float>& into) {
        const float* const alpha = alpha_.data() + windows_.grid().at(y);
        masks_.reads().runs(y, [&](std::size_t first, std::size_t last) {
            copy_cells(windows_.grid(), windows_.colours(), 3, y, first, last, guide_);
            windows_.kernels().mask_products(guide_.data() + first, alpha + first, guide_.stride(),
                                             last - first, into.data() + first);
        });
    }

    void model(std::ptrdiff_t y, Planes<float>& into) {
        const Planes<float>& known = windows_.at(y);
        means_.reads().runs(y, [&](std::size_t first, std::size_t last) {
            windows_.kernels().guide_coefficients(known.data() + first, known.plane(9) + first,
                                                  mask_.data() + first, mask_.stride(),
                                                  last - first, into.data() + first);
        });
    }

    void apply(float* alpha) {
        const auto explain = [&](std::size_t first, std::size_t last) {
            copy_cells(windows_.grid(), windows_.colours(), 3, made_, first, last, guide_);
            windows_.kernels().guide_apply(coefficients_.data() + first, guide_.data() + first,
                                           coefficients_.stride(), last - first, after_.low,
                                           after_.slope(), alpha + first);
        };
        const auto settle = [&](std::size_t first, std::size_t last) {
            for (std::size_t m = first; m < last; ++m) alpha[m] = alpha[m] < 0.5f ? 0.0f : 1.0f;
        };
        uncertain_.runs(made_, explain, settle);
    }

    GuideWindows& windows_;
    const CellSet& uncertain_;
    Ends after_;
    Planes<float>& alpha_;
    BoxMeans means_, masks_;
    Planes<float> guide_, mask_, coefficients_;  // one row
    std::ptrdiff_t made_ = 0;
};

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
                         const KernelTable& kernels)
    : grid_(plan_cells(image.width, image.height)),
      colours_(cell_colours(image, grid_, kernels)),
      coefficients_(grid_, 4),
      alpha_(mask_of_cells(mask, grid_, image.width, image.height, kernels)) {
    const std::ptrdiff_t radius = GuideWindows::radius(grid_);
    const Uncertain cells(grid_, alpha_, radius);
    GuideWindows windows(grid_, colours_, cells.second.grown(radius, radius), kernels);
    GuidePass first(windows, cells.first, between, alpha_);
    GuidePass second(windows, cells.second, ends, alpha_);
    const auto make_first = [&](std::ptrdiff_t row) {
        while (first.made() <= row) first.next([](std::ptrdiff_t) {});
    };
    for (std::ptrdiff_t row = 0; row < grid_.height; ++row) {
        second.next(make_first);
        const Planes<float>& made = second.coefficients();
        const float* const alpha = alpha_.data() + grid_.at(row);
        float* const values = coefficients_.values.data() + 4 * grid_.at(row);
        cells.second.runs(
            row,
            [&](std::size_t from, std::size_t to) {
                put_cells(grid_, made.data(), made.stride(), row, from, to, coefficients_);
            },
            [&](std::size_t from, std::size_t to) {
                for (std::size_t m = from; m < to; ++m) values[4 * m + 3] = alpha[m];
            });
    }
    kinds_ = CellKinds(grid_, coefficients_, ends.low, ends.high);
}

template GuidedMatte::GuidedMatte(const ImageView<const std::uint8_t>&, const MaskView&,
                                  const KernelTable&);
template GuidedMatte::GuidedMatte(const ImageView<const std::uint16_t>&, const MaskView&,
                                  const KernelTable&);

}  // namespace defocus
