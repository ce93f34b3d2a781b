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
// What both labels cost more is no part of the flow and is added here.
void GridCut::change(PixelIndex at, std::int32_t unary) noexcept {
    const std::int64_t before = grid_[at].excess;
    const std::int64_t after = before + unary - unary_[at];
    energy_ += cost_of_subject(unary) - cost_of_subject(unary_[at]);
    energy_ -= cost_of_subject(after) - cost_of_subject(before);
    grid_[at].excess = static_cast<std::int32_t>(after);
    unary_[at] = unary;
}

void GridCut::start(const ImageView<const std::int32_t>& unary) noexcept {
    for_costs(unary, [&](PixelIndex at, std::int32_t cost) { change(at, cost); });
    energy_ += grid_.push_to_neighbours();
    for (PixelIndex at = 0; at < grid_.size(); ++at) trees_.replant(at);
    started_ = true;
}

void GridCut::update(const ImageView<const std::int32_t>& unary) noexcept {
    for_costs(unary, [&](PixelIndex at, std::int32_t cost) {
        if (cost == unary_[at]) return;
        change(at, cost);
        trees_.replant(at);
    });
}

void GridCut::solve(const ImageView<const std::int32_t>& unary, std::uint8_t* subject) noexcept {
    if (started_)
        update(unary);
    else
        start(unary);
    energy_ += trees_.run();
    for (PixelIndex at = 0; at < grid_.size(); ++at)
        subject[at] = grid_[at].tree == Tree::source ? 1 : 0;
}

}  // namespace defocus
