// A grid of pixels with the capacities that a flow has left between neighbours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/planes.hpp"

namespace defocus {

// Pixels are numbered row by row.  A neighbour is a direction 0..7, clockwise from the right, and
// the opposite of d is d ^ 4.
using PixelIndex = std::uint32_t;
constexpr unsigned directions = 8;
constexpr unsigned opposite(unsigned direction) noexcept {
    return direction ^ 4U;
}

// A set of directions: bit d stands for direction d.
using Directions = std::uint8_t;

// The lowest direction of each set that is not empty.
constexpr std::array<std::uint8_t, 256> lowest_directions() {
    std::array<std::uint8_t, 256> lowest{};
    for (unsigned set = 1; set < 256; ++set)
        while (!(set >> lowest[set] & 1U)) ++lowest[set];
    return lowest;
}
inline constexpr std::array<std::uint8_t, 256> lowest_direction = lowest_directions();

enum class Tree : std::uint8_t { source, sink, none };

// What the solver reads of a pixel, together in a quarter of a cache line.
struct CutPixel {
    std::array<Directions, 2> open{};  // [0]: where flow can go; [1]: where it can come from
    Tree tree = Tree::none;
    std::uint8_t parent = 0;     // see search_trees.hpp
    std::int32_t excess = 0;     // > 0: what the source can still give; < 0: what the sink takes
    std::uint32_t distance = 0;  // steps to the root, as last checked
    std::uint32_t checked = 0;   // the phase of that check
};

// Where directions 0 to 3 lead; the others lead back.
constexpr std::array<std::ptrdiff_t, 4> steps_right{1, 1, 0, -1};
constexpr std::array<std::ptrdiff_t, 4> steps_down{0, 1, 1, 1};

// Visit (pixel, direction, weight) for each weight that does not leave the grid.
template <typename Visit>
void for_weights(const ImageView<const std::int32_t>& weights, Visit visit) {
    PixelIndex at = 0;
    for (std::ptrdiff_t y = 0; y < weights.height; ++y)
        for (std::ptrdiff_t x = 0; x < weights.width; ++x, ++at)
            for (unsigned d = 0; d < steps_right.size(); ++d) {
                const std::ptrdiff_t to_x = x + steps_right[d], to_y = y + steps_down[d];
                if (to_x < 0 || to_x >= weights.width || to_y >= weights.height) continue;
                visit(at, d,
                      weights.row(y)[x * weights.pixel_stride +
                                     static_cast<std::ptrdiff_t>(d) * weights.channel_stride]);
            }
}

// Visit (pixel, cost) for each pixel.
template <typename Visit>
void for_costs(const ImageView<const std::int32_t>& unary, Visit visit) {
    PixelIndex at = 0;
    for (std::ptrdiff_t y = 0; y < unary.height; ++y)
        for (std::ptrdiff_t x = 0; x < unary.width; ++x, ++at)
            visit(at, unary.row(y)[x * unary.pixel_stride]);
}

class ResidualGrid {
  public:
    // `weights`: the capacity to the right, lower right, lower and lower left neighbour.
    explicit ResidualGrid(const ImageView<const std::int32_t>& weights);

    PixelIndex size() const noexcept { return static_cast<PixelIndex>(pixels_.size()); }
    PixelIndex neighbour(PixelIndex at, unsigned direction) const noexcept {
        return at + offsets_[direction];  // modulo 2^32, so that negative offsets are right
    }
    CutPixel& operator[](PixelIndex at) noexcept { return pixels_[at]; }
    const CutPixel& operator[](PixelIndex at) const noexcept { return pixels_[at]; }

    std::int32_t capacity(PixelIndex at, unsigned direction) const noexcept {
        return capacities_[at][direction];
    }
    // Send flow to a neighbour; says whether the way is closed now.
    bool push(PixelIndex at, unsigned direction, std::int32_t amount) noexcept;

    // Send flow from each pixel with excess to neighbours that want some; gives its sum.
    std::int64_t push_to_neighbours() noexcept;

  private:
    void connect(PixelIndex at, unsigned direction, std::int32_t weight) noexcept;

    std::array<PixelIndex, directions> offsets_;
    AlignedVector<CutPixel> pixels_;
    AlignedVector<std::array<std::int32_t, directions>> capacities_;
};

inline bool ResidualGrid::push(PixelIndex at, unsigned direction, std::int32_t amount) noexcept {
    const PixelIndex to = neighbour(at, direction);
    const unsigned back = opposite(direction);
    const auto bit = static_cast<Directions>(1U << direction);
    const auto back_bit = static_cast<Directions>(1U << back);
    capacities_[to][back] += amount;
    pixels_[to].open[0] |= back_bit;
    pixels_[at].open[1] |= bit;
    if ((capacities_[at][direction] -= amount) != 0) return false;
    pixels_[at].open[0] &= static_cast<Directions>(~bit);
    pixels_[to].open[1] &= static_cast<Directions>(~back_bit);
    return true;
}

}  // namespace defocus
