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

// Long rows have a gap, so that neighbours in a column do not compete for the same lines of a
// cache.
constexpr std::ptrdiff_t row_length(std::ptrdiff_t width) noexcept {
    return width < 64 ? width : width + 6;
}
constexpr PixelIndex pixel_index(std::ptrdiff_t width, std::ptrdiff_t y,
                                 std::ptrdiff_t x) noexcept {
    return static_cast<PixelIndex>(y * row_length(width) + x);
}

// Where directions 0 to 3 lead; the others lead back.
constexpr std::array<std::ptrdiff_t, 4> steps_right{1, 1, 0, -1};
constexpr std::array<std::ptrdiff_t, 4> steps_down{0, 1, 1, 1};

// Visit (pixel, direction, weight) for each weight that does not leave the grid.
template <typename Visit>
void for_weights(const ImageView<const std::int32_t>& weights, Visit visit) {
    for (std::ptrdiff_t y = 0; y < weights.height; ++y)
        for (std::ptrdiff_t x = 0; x < weights.width; ++x)
            for (unsigned d = 0; d < steps_right.size(); ++d) {
                const std::ptrdiff_t to_x = x + steps_right[d], to_y = y + steps_down[d];
                if (to_x < 0 || to_x >= weights.width || to_y >= weights.height) continue;
                visit(pixel_index(weights.width, y, x), d,
                      weights.row(y)[x * weights.pixel_stride +
                                     static_cast<std::ptrdiff_t>(d) * weights.channel_stride]);
            }
}

// Visit (pixel, cost) for each pixel.
template <typename Visit>
void for_costs(const ImageView<const std::int32_t>& unary, Visit visit) {
    for (std::ptrdiff_t y = 0; y < unary.height; ++y)
        for (std::ptrdiff_t x = 0; x < unary.width; ++x)
            visit(pixel_index(unary.width, y, x), unary.row(y)[x * unary.pixel_stride]);
}

// From a pixel to a neighbour: the indices of its capacity and of that of the reverse arc.
struct Arc {
    std::uint32_t forward, backward;
    PixelIndex from() const noexcept { return forward / directions; }
    PixelIndex to() const noexcept { return backward / directions; }
};

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

    Arc arc(PixelIndex at, unsigned direction) const noexcept {
        return {at * directions + direction,
                neighbour(at, direction) * directions + opposite(direction)};
    }
    std::int32_t capacity(Arc arc) const noexcept { return capacities_[arc.forward]; }
    // Send flow along arcs; calls closed(arc) for each that has no capacity left.
    template <typename Closed>
    void push(const Arc* first, const Arc* last, std::int32_t amount, Closed closed) noexcept;

    // Send flow from pixels with excess > 0 to neighbours with excess < 0.
    void push_to_neighbours() noexcept;

  private:
    void connect(PixelIndex at, unsigned direction, std::int32_t weight) noexcept;

    std::array<PixelIndex, directions> offsets_;
    AlignedVector<CutPixel> pixels_;
    AlignedVector<std::int32_t> capacities_;  // of each pixel's directions in turn
};

template <typename Closed>
void ResidualGrid::push(const Arc* first, const Arc* last, std::int32_t amount,
                        Closed closed) noexcept {
    std::int32_t* const capacities = capacities_.data();
    CutPixel* const pixels = pixels_.data();
    for (; first != last; ++first) {
        const Arc arc = *first;
        const std::int32_t back = capacities[arc.backward];
        const std::int32_t left = capacities[arc.forward] - amount;
        capacities[arc.backward] = back + amount;
        capacities[arc.forward] = left;
        if (back != 0 && left != 0) continue;
        const auto bit = static_cast<Directions>(1U << arc.forward % directions);
        const auto back_bit = static_cast<Directions>(1U << arc.backward % directions);
        pixels[arc.from()].open[1] |= bit;
        pixels[arc.to()].open[0] |= back_bit;
        if (left != 0) continue;
        pixels[arc.from()].open[0] &= static_cast<Directions>(~bit);
        pixels[arc.to()].open[1] &= static_cast<Directions>(~back_bit);
        closed(arc);
    }
}

}  // namespace defocus
