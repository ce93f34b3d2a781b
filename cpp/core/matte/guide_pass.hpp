// The two runs of the guided filter on the cells of an image, row by row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/base/planes.hpp"
#include "core/base/samples.hpp"
#include "core/cells/box_means.hpp"
#include "core/cells/cell_set.hpp"
#include "core/matte/cell_grid.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// The two ends of a smoothstep.
struct Ends {
    float low, high;
    float slope() const noexcept { return 1.0f / (high - low); }
};

// What all rows of a guided matte share.  It outlives the passes.
struct Guide {
    const CellGrid& grid;
    const Planes<float>& colours;
    const Planes<float>& mask;  // at the centres of the cells
    const KernelTable& kernels;
};

// What the filter needs to know of the guide in each window of cells, row by row.
class GuideWindows {
  public:
    static constexpr float epsilon = 6.5f;  // a variance of 8-bit values that counts as noise

    // Its first row is `row`.
    GuideWindows(const Guide& guide, const WindowCells& cells, std::ptrdiff_t row)
        : guide_(guide),
          cells_(cells),
          moments_(9, cells, row, guide.kernels),
          rows_(size(2 * cells.radius + 2), size(guide.grid.width), 15),
          made_(row) {}

    // The means of the guide and its products in nine planes, and the inverse of the covariance in
    // six.  The 2 radius rows above the lowest one that was asked for are held, too.
    const Planes<float>& at(std::ptrdiff_t row) {
        const KernelTable& kernels = guide_.kernels;
        const auto read = [&](std::ptrdiff_t y, Planes<float>& into) {
            cells_.reads.runs(y, [&](std::size_t first, std::size_t last) {
                copy_cells(guide_.grid, guide_.colours, 3, y, first, last, into);
                kernels.guide_products(into.data() + first, into.stride(), last - first,
                                       into.plane(3) + first);
            });
        };
        for (; made_ <= row; ++made_) {
            Planes<float>& made = rows_[made_];
            moments_.next(read, made.data(), made.stride());
            cells_.wanted.runs(made_, [&](std::size_t first, std::size_t last) {
                kernels.guide_inverse(made.data() + first, made.stride(), last - first, epsilon,
                                      made.plane(9) + first);
            });
        }
        return rows_[row];
    }

  private:
    const Guide& guide_;
    const WindowCells& cells_;
    BoxMeans moments_;
    RowRing<float> rows_;
    std::ptrdiff_t made_;
};

// The cells of one run of the filter: those that are computed, and those of their models.
struct PassCells {
    WindowCells means, models;

    PassCells(CellSet computed, std::ptrdiff_t radius)
        : means(std::move(computed), radius), models(means.reads, radius) {}
};

// One run of the filter, row by row.  Cells that are not computed become 0 or 1, as the mask is.
class GuidePass {
  public:
    // Its first row is `row`.
    GuidePass(const Guide& guide, GuideWindows& windows, const PassCells& cells, const Ends& after,
              std::ptrdiff_t row)
        : guide_(guide),
          windows_(windows),
          cells_(cells),
          after_(after),
          means_(4, cells.means, row, guide.kernels),
          masks_(4, cells.models, top(row, cells.means.radius), guide.kernels),
          colours_(size(guide.grid.width), 3),
          mask_(size(guide.grid.width), 4),
          coefficients_(size(guide.grid.width), 4),
          made_(row) {}

    // The first row that windows of `row` reach.
    static std::ptrdiff_t top(std::ptrdiff_t row, std::ptrdiff_t radius) noexcept {
        return std::max(row - radius, std::ptrdiff_t{0});
    }
    // Of the computed cells of the row that was made last.
    const Planes<float>& coefficients() const noexcept { return coefficients_; }

    // Makes the next row of coefficients, and of alpha.  Calls alpha(row), from top to bottom, for
    // the rows that it reads.
    template <typename Alpha>
    void next(const Alpha& alpha, float* out) {
        const auto products = [&](std::ptrdiff_t y, Planes<float>& into) {
            multiply(y, alpha(y), into);
        };
        const auto models = [&](std::ptrdiff_t y, Planes<float>& into) {
            masks_.next(products, mask_.data(), mask_.stride());
            model(y, into);
        };
        means_.next(models, coefficients_.data(), coefficients_.stride());
        apply(out);
        ++made_;
    }

  private:
    void multiply(std::ptrdiff_t y, const float* alpha, Planes<float>& into);
    void model(std::ptrdiff_t y, Planes<float>& into);
    void apply(float* alpha);

    const Guide& guide_;
    GuideWindows& windows_;
    const PassCells& cells_;
    Ends after_;
    BoxMeans means_, masks_;
    Planes<float> colours_, mask_, coefficients_;  // one row
    std::ptrdiff_t made_;
};

}  // namespace defocus
