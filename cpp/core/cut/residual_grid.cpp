#include "core/cut/residual_grid.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {

ResidualGrid::ResidualGrid(const ImageView<const std::int32_t>& weights)
    : pixels_(defocus::size(row_length(weights.width) * weights.height)),
      capacities_(pixels_.size() * directions) {
    for (unsigned d = 0; d < 4; ++d) {
        offsets_[d] =
            static_cast<PixelIndex>(steps_down[d] * row_length(weights.width) + steps_right[d]);
        offsets_[opposite(d)] = 0 - offsets_[d];
    }
    for_weights(weights, [this](PixelIndex at, unsigned direction, std::int32_t weight) {
        connect(at, direction, weight);
    });
}

void ResidualGrid::connect(PixelIndex at, unsigned direction, std::int32_t weight) noexcept {
    if (weight == 0) return;
    const PixelIndex to = neighbour(at, direction);
    const Arc between = arc(at, direction);
    capacities_[between.forward] = capacities_[between.backward] = weight;
    for (Directions& open : pixels_[at].open) open |= static_cast<Directions>(1U << direction);
    for (Directions& open : pixels_[to].open)
        open |= static_cast<Directions>(1U << opposite(direction));
}

void ResidualGrid::push_to_neighbours() noexcept {
    for (PixelIndex at = 0; at < size(); ++at) {
        CutPixel& from = pixels_[at];
        if (from.excess <= 0) continue;
        for (unsigned rest = from.open[0]; rest != 0 && from.excess > 0; rest &= rest - 1) {
            const unsigned direction = lowest_direction[rest];
            CutPixel& to = pixels_[neighbour(at, direction)];
            if (to.excess >= 0) continue;
            const Arc to_neighbour = arc(at, direction);
            const std::int32_t amount = std::min({from.excess, -to.excess, capacity(to_neighbour)});
            push(&to_neighbour, &to_neighbour + 1, amount, [](Arc) {});
            from.excess -= amount;
            to.excess += amount;
        }
    }
}

}  // namespace defocus
