#include "core/matte/guided_matte.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/base/samples.hpp"
#include "core/matte/box_means.hpp"

namespace defocus {
namespace {

// Measured on photos with known mattes.  The result hardly depends on these values.  Windows of
// .008 to .012 of the long edge, and a hundredfold range of epsilon, agree within .1 dB.
constexpr double window = 0.008;
constexpr float epsilon = 6.5f;  // a variance of 8-bit values that counts as noise
constexpr Ends between{0.1f, 0.9f};

// What the filter needs to know of the guide in each window of cells, row by row.
class GuideWindows {
  public:
    GuideWindows(const CellGrid& grid, const Planes<float>& colours, const KernelTable& kernels)
        : grid_(grid),
          colours_(colours),
          kernels_(kernels),
          moments_(grid, 9, radius(), kernels),
          rows_(size(2 * radius() + 2), size(grid.width), 15) {}

    const CellGrid& grid() const noexcept { return grid_; }
    const KernelTable& kernels() const noexcept { return kernels_; }
    const Planes<float>& colours() const noexcept { return colours_; }
    std::ptrdiff_t radius() const noexcept { return grid_.radius(window); }

    // The means of the guide and its products in nine planes, and the inverse of the covariance in
    // six.  The 2 radius rows above the lowest one that was asked for are held, too.
    const Planes<float>& at(std::ptrdiff_t row) {
        const std::size_t width = size(grid_.width);
        const auto read = [&](std::ptrdiff_t y, Planes<float>& into) {
            copy_cells(grid_, colours_, 3, y, into);
            kernels_.guide_products(into.data(), into.stride(), width, into.plane(3));
        };
        for (; made_ <= row; ++made_) {
            Planes<float>& made = rows_[made_];
            moments_.next(read, made.data(), made.stride());
            kernels_.guide_inverse(made.data(), made.stride(), width, epsilon, made.plane(9));
        }
        return rows_[row];
    }

  private:
    const CellGrid& grid_;
    const Planes<float>& colours_;
    const KernelTable& kernels_;
    BoxMeans moments_;
    RowRing<float> rows_;
    std::ptrdiff_t made_ = 0;
};

// One run of the filter, row by row.  It reads alpha 2 radius rows below those that it replaces.
class GuidePass {
  public:
    GuidePass(GuideWindows& windows, const Ends& after, Planes<float>& alpha)
        : windows_(windows),
          after_(after),
          alpha_(alpha),
          masks_(windows.grid(), 4, windows.radius(), windows.kernels()),
          means_(windows.grid(), 4, windows.radius(), windows.kernels()),
          guide_(size(windows.grid().width), 3),
          mask_(size(windows.grid().width), 4),
          coefficients_(size(windows.grid().width), 4) {}

    std::ptrdiff_t made() const noexcept { return made_; }
    // Of the row that was made last.
    const Planes<float>& coefficients() const noexcept { return coefficients_; }

    // Makes the next row of coefficients, and replaces that of alpha.  Calls need(row) before it
    // reads a row of alpha.
    template <typename Need>
    void next(const Need& need) {
        const CellGrid& grid = windows_.grid();
        const KernelTable& kernels = windows_.kernels();
        const std::size_t width = size(grid.width);
        const auto products = [&](std::ptrdiff_t y, Planes<float>& into) {
            need(y);
            copy_cells(grid, windows_.colours(), 3, y, guide_);
            kernels.mask_products(guide_.data(), alpha_.data() + grid.at(y), guide_.stride(), width,
                                  into.data());
        };
        const auto models = [&](std::ptrdiff_t y, Planes<float>& into) {
            masks_.next(products, mask_.data(), mask_.stride());
            const Planes<float>& known = windows_.at(y);
            kernels.guide_coefficients(known.data(), known.plane(9), mask_.data(), mask_.stride(),
                                       width, into.data());
        };
        const std::size_t stride = coefficients_.stride();
        means_.next(models, coefficients_.data(), stride);
        copy_cells(grid, windows_.colours(), 3, made_, guide_);
        kernels.guide_apply(coefficients_.data(), guide_.data(), stride, width, after_.low,
                            after_.slope(), alpha_.data() + grid.at(made_));
        ++made_;
    }

  private:
    GuideWindows& windows_;
    Ends after_;
    Planes<float>& alpha_;
    BoxMeans masks_, means_;
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
    GuideWindows windows(grid_, colours_, kernels);
    GuidePass first(windows, between, alpha_), second(windows, ends, alpha_);
    const auto make_first = [&](std::ptrdiff_t row) {
        while (first.made() <= row) first.next([](std::ptrdiff_t) {});
    };
    for (std::ptrdiff_t row = 0; row < grid_.height; ++row) {
        second.next(make_first);
        const Planes<float>& made = second.coefficients();
        put_cells(grid_, made.data(), made.stride(), row, coefficients_);
    }
    kinds_ = CellKinds(grid_, coefficients_, ends.low, ends.high);
}

template GuidedMatte::GuidedMatte(const ImageView<const std::uint8_t>&, const MaskView&,
                                  const KernelTable&);
template GuidedMatte::GuidedMatte(const ImageView<const std::uint16_t>&, const MaskView&,
                                  const KernelTable&);

}  // namespace defocus
