#include "core/blur/row_pyramid.hpp"

#include <cstdint>
#include <type_traits>

namespace defocus {

template <typename Sample>
RowPyramid<Sample>::RowPyramid(RowSource<Sample>& source, const AxisPlan& y, std::ptrdiff_t first,
                               const KernelTable& kernels)
    : source_(source), y_(y), kernels_(kernels), next_(first) {
    std::ptrdiff_t at = first;
    for (std::ptrdiff_t d = y.stride; d > 1; d /= 2) {
        levels_.insert(levels_.begin(), Level{RowRing<Sample>(4, source.samples(), 1), at});
        at = 2 * at - 1;
    }
    if (levels_.empty()) image_row_.resize(source.samples());
}

template <typename Sample>
void RowPyramid<Sample>::make(std::size_t level, std::ptrdiff_t m, Sample* out) {
    const std::ptrdiff_t first = 2 * m - 1;
    if (level == 0) {
        std::ptrdiff_t ys[4];
        for (std::ptrdiff_t k = 0; k < 4; ++k) ys[k] = y_.inside(first + k);
        source_.halve(ys, out);
        return;
    }
    row(level - 1, first + 3);  // this makes the three rows before it, too
    const Sample* rows[4];
    for (std::ptrdiff_t k = 0; k < 4; ++k) rows[k] = levels_[level - 1].rows[first + k].data();
    if constexpr (std::is_same_v<Sample, float>)
        kernels_.halve_rows_floats(rows, source_.samples(), out);
    else
        kernels_.halve_rows(rows, source_.samples(), out);
}

template <typename Sample>
const Sample* RowPyramid<Sample>::row(std::size_t level, std::ptrdiff_t m) {
    Level& at = levels_[level];
    for (; at.next <= m; ++at.next) make(level, at.next, at.rows[at.next].data());
    return at.rows[m].data();
}

template <typename Sample>
const Sample* RowPyramid<Sample>::next() {
    const std::ptrdiff_t m = next_++;
    if (!levels_.empty()) return row(levels_.size() - 1, m);
    source_.read(y_.inside(m), image_row_.data());
    return image_row_.data();
}

template class RowPyramid<float>;
template class RowPyramid<std::int16_t>;

}  // namespace defocus
