// Some of the cells of a grid: those that a step of the matte has to compute.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "core/base/samples.hpp"

namespace defocus {

// A flag for each `group` neighbouring cells of a row.
using CellFlags = std::vector<unsigned char>;

class CellSet {
  public:
    static constexpr std::size_t group = 4;

    // Of a grid of that size: none of its cells, or all.
    CellSet(std::ptrdiff_t width, std::ptrdiff_t height, bool all);
    // Adds cells first .. last - 1 of a row.
    void add(std::ptrdiff_t row, std::size_t first, std::size_t last) noexcept;
    // All cells that are at most so far from one of these.  Columns go up to whole groups.
    CellSet grown(std::ptrdiff_t across, std::ptrdiff_t down) const;
    CellSet joined(const CellSet& other) const;
    CellSet common(const CellSet& other) const;

    std::size_t width() const noexcept { return width_; }
    std::size_t height() const noexcept { return height_; }
    std::size_t groups() const noexcept { return groups_; }
    const unsigned char* flags(std::ptrdiff_t row) const noexcept {
        return flags_.data() + size(row) * groups_;
    }
    // Calls use(first, last) for runs of cells first .. last - 1 of a row, from left to right.
    template <typename Use>
    void runs(std::ptrdiff_t row, const Use& use) const {
        runs_of(flags(row), groups_, width_, use);
    }
    // The same, and other(first, last) for the runs of cells between.
    template <typename Use, typename Other>
    void runs(std::ptrdiff_t row, const Use& use, const Other& other) const {
        std::size_t from = 0;
        runs(row, [&](std::size_t first, std::size_t last) {
            if (from < first) other(from, first);
            use(first, last);
            from = last;
        });
        if (from < width_) other(from, width_);
    }

    template <typename Use>
    static void runs_of(const unsigned char* flags, std::size_t groups, std::size_t width,
                        const Use& use) {
        const auto find = [&](std::size_t from, int flag) {
            const void* const at = std::memchr(flags + from, flag, groups - from);
            return at ? size(static_cast<const unsigned char*>(at) - flags) : groups;
        };
        for (std::size_t first = find(0, 1), last; first < groups; first = find(last, 1)) {
            last = find(first, 0);
            use(group * first, std::min(group * last, width));
        }
    }

  private:
    std::size_t width_, groups_, height_;
    CellFlags flags_;  // [row][group], 0 or 1
};

// `flags`, and those at most `reach` before or behind one of them.
void grow_flags(const unsigned char* flags, std::size_t count, std::size_t reach,
                unsigned char* out) noexcept;

}  // namespace defocus
