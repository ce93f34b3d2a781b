#include "core/matte/guided_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

using Kind = AlphaReader::Kind;

// What the coefficients give for every possible colour.
Kind kind_of(const float* coefficients, std::size_t stride) noexcept {
    float low = coefficients[3 * stride], high = low;
    for (std::size_t c = 0; c < 3; ++c) {
        const float most = 255.0f * coefficients[c * stride];
        low += std::min(most, 0.0f);
        high += std::max(most, 0.0f);
    }
    if (high <= GuidedMatte::ends.low) return Kind::none;
    return low >= GuidedMatte::ends.high ? Kind::whole : Kind::mixed;
}

}  // namespace

template <typename T>
GuidedAlphaRows<T>::GuidedAlphaRows(const ImageView<const T>& image, const GuidedMatte& matte,
                                    const KernelTable& kernels)
    : image_(image),
      matte_(matte),
      kernels_(kernels),
      packed_(image.rows_are_packed() ? 0 : size(3 * image.width)),
      kinds_{std::vector<Kind>(size(matte.grid().width)),
             std::vector<Kind>(size(matte.grid().width))},
      coefficients_(matte.grid(), matte.coefficients(), 4, kernels),
      alpha_(size(image.width), 1) {}

template <typename T>
const std::vector<Kind>& GuidedAlphaRows<T>::kinds_at(std::ptrdiff_t cell_row) {
    std::vector<Kind>& kinds = kinds_[cell_row % 2];
    if (examined_[cell_row % 2] == cell_row) return kinds;
    examined_[cell_row % 2] = cell_row;
    const CellGrid& grid = matte_.grid();
    const Planes<float>& c = matte_.coefficients();
    const std::size_t upper = grid.at(cell_row);
    const std::size_t lower = grid.at(std::min(cell_row + 1, grid.height - 1));
    const auto column = [&](std::size_t m) {
        const Kind kind = kind_of(c.data() + upper + m, c.stride());
        return kind == kind_of(c.data() + lower + m, c.stride()) ? kind : Kind::mixed;
    };
    Kind left = column(0);
    for (std::size_t m = 0; m < kinds.size(); ++m) {
        const Kind right = m + 1 < kinds.size() ? column(m + 1) : left;
        kinds[m] = left == right ? left : Kind::mixed;
        left = right;
    }
    return kinds;
}

template <typename T>
Kind GuidedAlphaRows<T>::kind(std::ptrdiff_t y, std::size_t x, std::size_t count) {
    const CellGrid& grid = matte_.grid();
    const std::vector<Kind>& kinds = kinds_at(grid.y.index[size(y)]);
    const std::size_t last = size(grid.x.index[x + count - 1]);
    const Kind first = kinds[size(grid.x.index[x])];
    for (std::size_t m = size(grid.x.index[x]); m <= last; ++m)
        if (kinds[m] != first) return Kind::mixed;
    return first;
}

// Computes alpha of pixels x .. end - 1, which lie between cells first .. last.
template <typename T>
void GuidedAlphaRows<T>::guide(std::ptrdiff_t y, std::size_t first, std::size_t last, std::size_t x,
                               std::size_t end) {
    const Planes<float>& row = coefficients_.read(y, first, last);
    const T* pixels = packed_run(image_, y, signed_size(x), signed_size(end - x), packed_.data());
    const auto kernel = [&] {
        if constexpr (std::is_same_v<T, std::uint8_t>)
            return kernels_.guided_alpha;
        else
            return kernels_.guided_alpha_16;
    }();
    kernel(pixels, row.data() + x, row.stride(), end - x, GuidedMatte::ends.low,
           GuidedMatte::ends.slope(), alpha_.data() + x);
}

template <typename T>
const std::int16_t* GuidedAlphaRows<T>::read(std::ptrdiff_t y, std::size_t x, std::size_t count) {
    const CellGrid& grid = matte_.grid();
    const std::vector<Kind>& kinds = kinds_at(grid.y.index[size(y)]);
    const std::size_t end = x + count;
    for (std::size_t from = x, to; from < end; from = to) {
        const std::size_t first = size(grid.x.index[from]);
        std::size_t last = first + 1;
        while (last < kinds.size() && kinds[last] == kinds[first] &&
               size(grid.x.starts[last]) < end)
            ++last;
        to = std::min(size(grid.x.starts[last]), end);
        if (kinds[first] == Kind::mixed)
            guide(y, first, last, from, to);
        else
            std::fill(alpha_.data() + from, alpha_.data() + to,
                      kinds[first] == Kind::whole ? opaque : std::int16_t{0});
    }
    return alpha_.data() + x;
}

template class GuidedAlphaRows<std::uint8_t>;
template class GuidedAlphaRows<std::uint16_t>;

}  // namespace defocus
