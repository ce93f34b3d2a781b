#include "core/cut/grid_cut.hpp"

#include <algorithm>

namespace defocus {
namespace {

std::int64_t cost_of_subject(std::int64_t unary) {
    return std::max<std::int64_t>(-unary, 0);
}

}  // namespace

GridCut::GridCut(const ImageView<const std::int32_t>& weights)
    : grid_(weights), trees_(grid_), unary_(grid_.size()) {}

// The excess is the unary cost less the flow that leaves for neighbours, so it changes as much.
void GridCut::change(PixelIndex at, std::int32_t unary) noexcept {
    grid_[at].excess =
        static_cast<std::int32_t>(std::int64_t{grid_[at].excess} + unary - unary_[at]);
    unary_[at] = unary;
}

void GridCut::start(const ImageView<const std::int32_t>& unary) noexcept {
    for_costs(unary, [&](PixelIndex at, std::int32_t cost) { change(at, cost); });
    grid_.push_to_neighbours();
    for (PixelIndex at = 0; at < grid_.size(); ++at) trees_.update_root(at);
    started_ = true;
}

void GridCut::update(const ImageView<const std::int32_t>& unary) noexcept {
    for_costs(unary, [&](PixelIndex at, std::int32_t cost) {
        if (cost == unary_[at]) return;
        change(at, cost);
        trees_.update_root(at);
    });
}

void GridCut::solve(const ImageView<const std::int32_t>& unary, std::uint8_t* subject) noexcept {
    if (started_)
        update(unary);
    else
        start(unary);
    trees_.run();
    // Flow lowers the residual cost of each division by the same amount.  That of this division is
    // 0 now, so the amount is its energy.  It is computed for the division that is subject
    // everywhere.
    energy_ = 0;
    for_costs(unary, [&](PixelIndex at, std::int32_t cost) {
        *subject++ = grid_[at].tree == Tree::source ? 1 : 0;
        energy_ += cost_of_subject(cost) - cost_of_subject(grid_[at].excess);
    });
}

}  // namespace defocus
