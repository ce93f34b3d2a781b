#include "core/cut/search_trees.hpp"

#include <algorithm>
#include <limits>

namespace defocus {
namespace {

// `CutPixel::parent` is a direction or one of these.
constexpr std::uint8_t is_root = directions, is_orphan = directions + 1, is_free = directions + 2;
constexpr std::uint32_t most_phases = 1U << 16;
constexpr unsigned nowhere = directions;
constexpr std::uint32_t unreachable = std::numeric_limits<std::uint32_t>::max();

constexpr std::size_t index_of(Tree tree) {
    return static_cast<std::size_t>(tree);
}

// Where a tree can grow from a pixel, and from where it can reach a pixel.
unsigned ways_out(const CutPixel& pixel, Tree tree) noexcept {
    return pixel.open[index_of(tree)];
}
unsigned ways_in(const CutPixel& pixel, Tree tree) noexcept {
    return pixel.open[1 - index_of(tree)];
}

}  // namespace

SearchTrees::SearchTrees(ResidualGrid& grid)
    : grid_(grid), active_(grid.size()), orphans_(grid.size()), queued_(grid.size()) {
    for (PixelIndex at = 0; at < grid_.size(); ++at) grid_[at].parent = is_free;
}

void SearchTrees::activate(PixelIndex at) noexcept {
    if (queued_[at]) return;
    queued_[at] = 1;
    active_.push_back(at);
}

// Count phases from the beginning again, long before their number overflows.  A child was never
// checked later than its parent, or is farther from the root.  That remains true, because all
// distances are computed anew.
void SearchTrees::restart_phases() noexcept {
    for (PixelIndex at = 0; at < grid_.size(); ++at) grid_[at].checked = 0;
    phase_ = 1;
    for (PixelIndex at = 0; at < grid_.size(); ++at)
        if (grid_[at].tree != Tree::none) distance_to_root(at);
}

void SearchTrees::replant(PixelIndex at) noexcept {
    CutPixel& pixel = grid_[at];
    if (pixel.excess == 0) {
        if (pixel.parent != is_root) return;
        pixel.parent = is_orphan;
        orphans_.push_back(at);
        return;
    }
    const Tree tree = pixel.excess > 0 ? Tree::source : Tree::sink;
    if (pixel.tree != tree) activate(at);
    pixel.tree = tree;
    pixel.parent = is_root;
    pixel.distance = 1;
    pixel.checked = phase_;
}

// The pixels that replant() moved to another tree are the active ones.  Their old children become
// orphans.  Neighbours of the old tree become active: they reach the pixel if it is released.
void SearchTrees::leave_old_trees() noexcept {
    const std::uint32_t moved = active_.size();
    for (std::uint32_t i = 0; i < moved; ++i) {
        const PixelIndex at = active_[i];
        const CutPixel& pixel = grid_[at];
        for (unsigned rest = pixel.open[0] | pixel.open[1]; rest != 0; rest &= rest - 1) {
            const unsigned direction = lowest_direction[rest];
            const PixelIndex to = grid_.neighbour(at, direction);
            CutPixel& next = grid_[to];
            if (next.tree == pixel.tree || next.tree == Tree::none) continue;
            if (ways_in(pixel, next.tree) >> direction & 1U) activate(to);
            if (next.parent != opposite(direction)) continue;
            next.parent = is_orphan;
            orphans_.push_back(to);
        }
    }
}

std::int64_t SearchTrees::run() noexcept {
    flow_ = 0;
    ++phase_;
    leave_old_trees();
    adopt_orphans();
    while (!active_.empty()) {
        const PixelIndex at = active_.pop_front();
        queued_[at] = 0;
        grow(at);
    }
    if (phase_ > most_phases) restart_phases();
    return flow_;
}

void SearchTrees::grow(PixelIndex at) noexcept {
    while (grid_[at].tree != Tree::none) {
        const unsigned direction = meeting(at);
        if (direction == nowhere) return;
        ++phase_;
        if (grid_[at].tree == Tree::source)
            augment(at, direction);
        else
            augment(grid_.neighbour(at, direction), opposite(direction));
        adopt_orphans();
    }
}

// Take free neighbours into the tree; gives the direction of a neighbour in the other tree.
unsigned SearchTrees::meeting(PixelIndex at) noexcept {
    const CutPixel& pixel = grid_[at];
    for (unsigned rest = ways_out(pixel, pixel.tree); rest != 0; rest &= rest - 1) {
        const unsigned direction = lowest_direction[rest];
        const PixelIndex to = grid_.neighbour(at, direction);
        CutPixel& next = grid_[to];
        if (next.tree == Tree::none) {
            next.tree = pixel.tree;
            activate(to);
        } else if (next.tree != pixel.tree) {
            return direction;
        } else if (next.checked > pixel.checked || next.distance <= pixel.distance) {
            continue;  // else `at` is nearer to the root than the parent of `next`
        }
        next.parent = static_cast<std::uint8_t>(opposite(direction));
        next.distance = pixel.distance + 1;
        next.checked = pixel.checked;
    }
    return nowhere;
}

void SearchTrees::augment(PixelIndex source_side, unsigned direction) noexcept {
    const std::int32_t amount = bottleneck(source_side, direction);
    grid_.push(source_side, direction, amount);
    drain(source_side, Tree::source, amount);
    drain(grid_.neighbour(source_side, direction), Tree::sink, amount);
    flow_ += amount;
}

std::int32_t SearchTrees::bottleneck(PixelIndex source_side, unsigned direction) const noexcept {
    std::int32_t least = grid_.capacity(source_side, direction);
    PixelIndex at = source_side;
    for (unsigned up = 0; (up = grid_[at].parent) != is_root;) {
        at = grid_.neighbour(at, up);
        least = std::min(least, grid_.capacity(at, opposite(up)));
    }
    least = std::min(least, grid_[at].excess);
    at = grid_.neighbour(source_side, direction);
    for (unsigned up = 0; (up = grid_[at].parent) != is_root; at = grid_.neighbour(at, up))
        least = std::min(least, grid_.capacity(at, up));
    return std::min(least, -grid_[at].excess);
}

// Move flow between a pixel and the root of its tree.  Who loses the way to the parent is an
// orphan; those next to the root come first.
void SearchTrees::drain(PixelIndex at, Tree tree, std::int32_t amount) noexcept {
    for (unsigned up = 0; (up = grid_[at].parent) != is_root;) {
        const PixelIndex parent = grid_.neighbour(at, up);
        const bool closed = tree == Tree::source ? grid_.push(parent, opposite(up), amount)
                                                 : grid_.push(at, up, amount);
        if (closed) {
            grid_[at].parent = is_orphan;
            orphans_.push_front(at);
        }
        at = parent;
    }
    grid_[at].excess -= tree == Tree::source ? amount : -amount;
    if (grid_[at].excess != 0) return;
    grid_[at].parent = is_orphan;
    orphans_.push_front(at);
}

void SearchTrees::adopt_orphans() noexcept {
    while (!orphans_.empty()) adopt(orphans_.pop_front());
}

// Give an orphan the parent that is nearest to a root, or release it.
void SearchTrees::adopt(PixelIndex orphan) noexcept {
    CutPixel& pixel = grid_[orphan];
    std::uint32_t least = unreachable;
    unsigned parent = nowhere;
    for (unsigned rest = ways_in(pixel, pixel.tree); rest != 0; rest &= rest - 1) {
        const unsigned direction = lowest_direction[rest];
        const PixelIndex next = grid_.neighbour(orphan, direction);
        if (grid_[next].tree != pixel.tree) continue;
        const std::uint32_t distance = distance_to_root(next);
        if (distance >= least) continue;
        least = distance;
        parent = direction;
    }
    if (parent == nowhere) return release(orphan);
    pixel.parent = static_cast<std::uint8_t>(parent);
    pixel.distance = least + 1;
    pixel.checked = phase_;
}

// Steps from a pixel of a tree to its root, or `unreachable` below an orphan.
std::uint32_t SearchTrees::distance_to_root(PixelIndex at) noexcept {
    std::uint32_t distance = 0;
    PixelIndex top = at;
    for (; grid_[top].checked != phase_; top = grid_.neighbour(top, grid_[top].parent)) {
        if (grid_[top].parent == is_orphan) return unreachable;
        if (grid_[top].parent == is_root) {
            grid_[top].checked = phase_;
            grid_[top].distance = 1;
            break;
        }
        ++distance;
    }
    distance += grid_[top].distance;
    for (std::uint32_t left = distance; grid_[at].checked != phase_; --left) {
        grid_[at].checked = phase_;
        grid_[at].distance = left;
        at = grid_.neighbour(at, grid_[at].parent);
    }
    return distance;
}

// Without a tree.  Children are orphans then, and neighbours of the tree may grow here again.
void SearchTrees::release(PixelIndex orphan) noexcept {
    CutPixel& pixel = grid_[orphan];
    for (unsigned rest = pixel.open[0] | pixel.open[1]; rest != 0; rest &= rest - 1) {
        const unsigned direction = lowest_direction[rest];
        const PixelIndex to = grid_.neighbour(orphan, direction);
        CutPixel& next = grid_[to];
        if (next.tree != pixel.tree) continue;
        if (ways_in(pixel, pixel.tree) >> direction & 1U) activate(to);
        if (next.parent != opposite(direction)) continue;
        next.parent = is_orphan;
        orphans_.push_back(to);
    }
    pixel.tree = Tree::none;
    pixel.parent = is_free;
}

}  // namespace defocus
