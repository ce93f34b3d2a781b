// The cheapest division of a grid of pixels into subject and background: a minimum cut.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/cut/residual_grid.hpp"
#include "core/cut/search_trees.hpp"

namespace defocus {

// Each pixel has a cost for one of the two labels, and two neighbours with different labels cost
// the weight between them.  All costs are integers, so the result is exact.
class GridCut {
  public:
    // Within these bounds nothing overflows, and a pixel with the cost `hard` has no other label:
    // the eight weights of a pixel sum to less.
    static constexpr std::int32_t hard = std::int32_t{1} << 30;
    static constexpr std::int32_t greatest_weight = std::int32_t{1} << 24;
    static constexpr std::ptrdiff_t most_pixels = std::ptrdiff_t{1} << 24;

    // 0 <= weight <= greatest_weight for each weight inside of the grid; others are ignored.
    explicit GridCut(const ImageView<const std::int32_t>& weights);
    GridCut(const GridCut&) = delete;
    GridCut& operator=(const GridCut&) = delete;

    // `unary`: > 0: the cost of the label background; < 0: that of subject; within -hard .. hard.
    // Fills `subject` with 1 or 0, a packed row after the other.  If several divisions cost the
    // least, it is the one with the smallest subject, which each of the others contains.
    // Flow and trees of the last call are used again.
    void solve(const ImageView<const std::int32_t>& unary, std::uint8_t* subject) noexcept;

    // The cost of the last division.
    std::int64_t energy() const noexcept { return energy_; }

  private:
    void change(PixelIndex at, std::int32_t unary) noexcept;
    void start(const ImageView<const std::int32_t>& unary) noexcept;
    void update(const ImageView<const std::int32_t>& unary) noexcept;

    ResidualGrid grid_;
    SearchTrees trees_;
    std::vector<std::int32_t> unary_;
    std::int64_t energy_ = 0;
    bool started_ = false;
};

}  // namespace defocus
