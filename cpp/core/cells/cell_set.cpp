#include "core/cells/cell_set.hpp"

namespace defocus {
namespace {

// out = a | b
void join(const unsigned char* a, const unsigned char* b, std::size_t n,
          unsigned char* out) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<unsigned char>(a[i] | b[i]);
}

}  // namespace

void grow_flags(const unsigned char* flags, std::size_t count, std::size_t reach,
                unsigned char* out) noexcept {
    std::copy_n(flags, count, out);
    for (std::size_t first = 0, last; first < count; first = last + 1) {
        const auto* const begin =
            static_cast<const unsigned char*>(std::memchr(flags + first, 1, count - first));
        if (!begin) return;
        first = size(begin - flags);
        const auto* const end =
            static_cast<const unsigned char*>(std::memchr(begin, 0, count - first));
        last = end ? size(end - flags) : count;
        const std::size_t from = first - std::min(reach, first);
        std::fill(out + from, out + std::min(last + reach, count), static_cast<unsigned char>(1));
    }
}

CellSet::CellSet(std::ptrdiff_t width, std::ptrdiff_t height, bool all)
    : width_(size(width)),
      groups_((width_ + group - 1) / group),
      height_(size(height)),
      flags_(groups_ * height_, static_cast<unsigned char>(all)) {}

void CellSet::add(std::ptrdiff_t row, std::size_t first, std::size_t last) noexcept {
    unsigned char* const flags = flags_.data() + size(row) * groups_;
    std::fill(flags + first / group, flags + (last + group - 1) / group,
              static_cast<unsigned char>(1));
}

CellSet CellSet::grown(std::ptrdiff_t across, std::ptrdiff_t down) const {
    CellSet wide = *this;
    const std::size_t reach = (size(across) + group - 1) / group;
    for (std::size_t y = 0; y < height_; ++y)
        grow_flags(flags_.data() + y * groups_, groups_, reach, wide.flags_.data() + y * groups_);
    // A set that has grown by r rows may be shifted by up to 2 r + 1 rows without a gap.
    const std::size_t rows = std::min(size(down), height_);
    for (std::size_t reached = 0, step; reached < rows; reached += step) {
        step = std::min({2 * reached + 1, rows - reached, height_ - 1});
        if (step == 0) break;
        const CellFlags before = wide.flags_;
        const std::size_t shift = step * groups_, count = before.size() - shift;
        unsigned char* const out = wide.flags_.data();
        join(out + shift, before.data(), count, out + shift);
        join(out, before.data() + shift, count, out);
    }
    return wide;
}

CellSet CellSet::joined(const CellSet& other) const {
    CellSet both = *this;
    join(flags_.data(), other.flags_.data(), flags_.size(), both.flags_.data());
    return both;
}

CellSet CellSet::common(const CellSet& other) const {
    CellSet both = *this;
    for (std::size_t i = 0; i < flags_.size(); ++i)
        both.flags_[i] = static_cast<unsigned char>(flags_[i] & other.flags_[i]);
    return both;
}

}  // namespace defocus
