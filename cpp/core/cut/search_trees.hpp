// The maximum flow by two search trees that grow towards each other and survive each augmentation
// (Boykov and Kolmogorov 2004).  They also survive a change of excess (Kohli and Torr 2007).
#pragma once

#include <cstdint>
#include <vector>

#include "core/cut/index_ring.hpp"
#include "core/cut/residual_grid.hpp"

namespace defocus {

// Invariants between two calls:
//  - A pixel with excess is a root: of the source tree if it is positive, else of the sink tree.
//  - Flow can go from each parent to its child in the source tree, and from child to parent in the
//    sink tree.
//  - After run() the source tree is exactly what the source reaches, so it depends on the problem
//    only, not on the order of its solution.
class SearchTrees {
  public:
    explicit SearchTrees(ResidualGrid& grid);

    // The excess of a pixel has changed: makes it a root, or an orphan if it was one.
    void update_root(PixelIndex at) noexcept;
    // After all calls of update_root: grow both trees until no path connects them.
    void run() noexcept;

  private:
    // Between a root of each tree; see trace_path().
    struct Path {
        Arc *source_end, *sink_begin;
        PixelIndex source, sink;
        std::int32_t amount;  // the flow that fits through
    };

    void detach_moved_pixels() noexcept;
    void grow(PixelIndex at) noexcept;
    unsigned extend(PixelIndex at) noexcept;
    void augment(PixelIndex source_side, unsigned direction) noexcept;
    Path trace_path(Arc middle) noexcept;
    void orphan(PixelIndex at) noexcept;
    void change_excess(PixelIndex root, std::int32_t change) noexcept;
    void adopt_orphans() noexcept;
    void adopt(PixelIndex at) noexcept;
    void release(PixelIndex at) noexcept;
    std::uint32_t distance_to_root(PixelIndex at) noexcept;
    void activate(PixelIndex at) noexcept;
    void restart_phases() noexcept;

    ResidualGrid& grid_;
    IndexRing active_, orphans_;
    std::vector<std::uint8_t> queued_;  // whether a pixel is in `active_`
    std::uint32_t phase_ = 0;           // of adoptions; distances of earlier ones are hints
    std::vector<Arc> arcs_;             // of the path at hand
    std::vector<PixelIndex> checked_;   // between a pixel and a root
};

}  // namespace defocus
