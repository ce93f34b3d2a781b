#include "core/cut/search_trees.hpp"

#include <algorithm>
#include <limits>

namespace defocus {
namespace {

// `CutPixel::parent` is a direction or one of these.
constexpr std::uint8_t is_root = directions, is_orphan = directions + 1, is_free = directions + 2;
constexpr unsigned nowhere = directions;
constexpr std::uint32_t most_phases = 1U << 16;
constexpr std::uint32_t unreachable = std::numeric_limits<std::uint32_t>::max();

constexpr std::size_t index_of(Tree tree) {
    return static_cast<std::size_t>(tree);
}

// In which directions a tree can grow from a pixel, and from which ones it can reach a pixel.
unsigned arcs_out(const CutPixel& pixel, Tree tree) noexcept {
    return pixel.open[index_of(tree)];
}
unsigned arcs_in(const CutPixel& pixel, Tree tree) noexcept {
    return pixel.open[1 - index_of(tree)];
}

}  // namespace

SearchTrees::SearchTrees(ResidualGrid& grid)
    : grid_(grid),
      active_(grid.size()),
      orphans_(grid.size()),
      queued_(grid.size()),
      arcs_(grid.size()),
      checked_(grid.size()) {
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

void SearchTrees::update_root(PixelIndex at) noexcept {
    CutPixel& pixel = grid_[at];
    if (pixel.excess == 0) {
        if (pixel.parent == is_root) orphan(at);
        return;
    }
    const Tree tree = pixel.excess > 0 ? Tree::source : Tree::sink;
    if (pixel.tree != tree) activate(at);
    pixel.tree = tree;
    pixel.parent = is_root;
    pixel.distance = 1;
    pixel.checked = phase_;
}

// The pixels that update_root() moved to another tree are the active ones.  Their old children
// become orphans.  Neighbours in the old tree become active, since they can reach the pixel if it
// is released.
void SearchTrees::detach_moved_pixels() noexcept {
    const std::size_t moved = active_.size();
    for (std::size_t i = 0; i < moved; ++i) {
        const PixelIndex at = active_[i];
        const CutPixel& pixel = grid_[at];
        for (unsigned rest = pixel.open[0] | pixel.open[1]; rest != 0; rest &= rest - 1) {
            const unsigned direction = lowest_direction[rest];
            const PixelIndex to = grid_.neighbour(at, direction);
            CutPixel& next = grid_[to];
            if (next.tree == pixel.tree || next.tree == Tree::none) continue;
            if (arcs_in(pixel, next.tree) >> direction & 1U) activate(to);
            if (next.parent == opposite(direction)) orphan(to);
        }
    }
}

void SearchTrees::run() noexcept {
    ++phase_;
    detach_moved_pixels();
    adopt_orphans();
    while (!active_.empty()) {
        const PixelIndex at = active_.pop_front();
        queued_[at] = 0;
        grow(at);
    }
    if (phase_ > most_phases) restart_phases();
}

void SearchTrees::grow(PixelIndex at) noexcept {
    while (grid_[at].tree != Tree::none) {
        const unsigned direction = extend(at);
        if (direction == nowhere) return;
        ++phase_;
        if (grid_[at].tree == Tree::source)
            augment(at, direction);
        else
            augment(grid_.neighbour(at, direction), opposite(direction));
        adopt_orphans();
    }
}

// Take free neighbours into the tree, until a neighbour is in the other tree: gives its direction.
unsigned SearchTrees::extend(PixelIndex at) noexcept {
    const CutPixel& pixel = grid_[at];
    for (unsigned rest = arcs_out(pixel, pixel.tree); rest != 0; rest &= rest - 1) {
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

// The arcs are listed first: a list is read faster than the trees are climbed.  A pixel that loses
// the arc to its parent is an orphan.
void SearchTrees::augment(PixelIndex source_side, unsigned direction) noexcept {
    const Arc middle = grid_.arc(source_side, direction);
    const Path path = trace_path(middle);
    const Arc* const end = arcs_.data() + arcs_.size();
    grid_.push(&middle, &middle + 1, path.amount, [](Arc) {});
    grid_.push(arcs_.data(), path.source_end, path.amount, [this](Arc a) { orphan(a.to()); });
    grid_.push(path.sink_begin, end, path.amount, [this](Arc a) { orphan(a.from()); });
    change_excess(path.source, -path.amount);
    change_excess(path.sink, path.amount);
}

// Fill `arcs_` from the front with the arcs between `middle` and the source, and from the end with
// those between `middle` and the sink.  Both trees are climbed in turns, since each step waits for
// memory.
SearchTrees::Path SearchTrees::trace_path(Arc middle) noexcept {
    Path path{arcs_.data(), arcs_.data() + arcs_.size(), middle.from(), middle.to(),
              grid_.capacity(middle)};
    unsigned source_up = grid_[path.source].parent, sink_up = grid_[path.sink].parent;
    const auto climb_source = [&] {
        const Arc up = grid_.arc(path.source, source_up);
        const Arc down{up.backward, up.forward};
        path.amount = std::min(path.amount, grid_.capacity(down));
        path.source = up.to();
        source_up = grid_[path.source].parent;
        *path.source_end++ = down;
    };
    const auto climb_sink = [&] {
        const Arc up = grid_.arc(path.sink, sink_up);
        path.amount = std::min(path.amount, grid_.capacity(up));
        path.sink = up.to();
        sink_up = grid_[path.sink].parent;
        *--path.sink_begin = up;
    };
    while (source_up != is_root && sink_up != is_root) {
        climb_source();
        climb_sink();
    }
    while (source_up != is_root) climb_source();
    while (sink_up != is_root) climb_sink();
    path.amount = std::min({path.amount, grid_[path.source].excess, -grid_[path.sink].excess});
    return path;
}

void SearchTrees::orphan(PixelIndex at) noexcept {
    grid_[at].parent = is_orphan;
    orphans_.push_back(at);
}

void SearchTrees::change_excess(PixelIndex root, std::int32_t change) noexcept {
    grid_[root].excess += change;
    if (grid_[root].excess == 0) orphan(root);
}

void SearchTrees::adopt_orphans() noexcept {
    while (!orphans_.empty()) adopt(orphans_.pop_front());
}

// Give an orphan the parent that is nearest to a root, or release it.
void SearchTrees::adopt(PixelIndex at) noexcept {
    CutPixel& pixel = grid_[at];
    std::uint32_t least = unreachable;
    unsigned parent = nowhere;
    for (unsigned rest = arcs_in(pixel, pixel.tree); rest != 0; rest &= rest - 1) {
        const unsigned direction = lowest_direction[rest];
        const PixelIndex next = grid_.neighbour(at, direction);
        if (grid_[next].tree != pixel.tree) continue;
        const std::uint32_t distance = distance_to_root(next);
        if (distance >= least) continue;
        least = distance;
        parent = direction;
    }
    if (parent == nowhere) return release(at);
    pixel.parent = static_cast<std::uint8_t>(parent);
    pixel.distance = least + 1;
    pixel.checked = phase_;
}

// Steps from a pixel of a tree to its root, or `unreachable` below an orphan.
std::uint32_t SearchTrees::distance_to_root(PixelIndex at) noexcept {
    std::uint32_t steps = 0;
    for (; grid_[at].checked != phase_; at = grid_.neighbour(at, grid_[at].parent)) {
        if (grid_[at].parent == is_orphan) return unreachable;
        if (grid_[at].parent == is_root) {
            grid_[at].checked = phase_;
            grid_[at].distance = 1;
            break;
        }
        checked_[steps++] = at;
    }
    const std::uint32_t distance = grid_[at].distance + steps;
    for (std::uint32_t i = 0; i < steps; ++i) {
        grid_[checked_[i]].checked = phase_;
        grid_[checked_[i]].distance = distance - i;
    }
    return distance;
}

// Without a tree.  Children are orphans then, and neighbours of the tree may grow here again.
void SearchTrees::release(PixelIndex at) noexcept {
    CutPixel& pixel = grid_[at];
    for (unsigned rest = pixel.open[0] | pixel.open[1]; rest != 0; rest &= rest - 1) {
        const unsigned direction = lowest_direction[rest];
        const PixelIndex to = grid_.neighbour(at, direction);
        CutPixel& next = grid_[to];
        if (next.tree != pixel.tree) continue;
        if (arcs_in(pixel, pixel.tree) >> direction & 1U) activate(to);
        if (next.parent == opposite(direction)) orphan(to);
    }
    pixel.tree = Tree::none;
    pixel.parent = is_free;
}

}  // namespace defocus
