#include "core/matte/guided_rows.hpp"

#include <algorithm>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {
template <typename T>
GuidedAlphaRows<T>::GuidedAlphaRows(const ImageView<const T>& image, const GuidedMatte& matte,
                                    const KernelTable& kernels)
    : image_(image),
      matte_(matte),
      kernels_(kernels),
      packed_(image.rows_are_packed() ? 0 : size(3 * image.width)),
      coefficients_(matte.grid(), matte.coefficients(), kernels),
      alpha_(size(image.width), 1),
      none_(tile + over_read),
      whole_(tile + over_read, opaque) {}

template <typename T>
AlphaReader::Kind GuidedAlphaRows<T>::kind(std::ptrdiff_t y, std::size_t x, std::size_t) {
    return matte_.kinds().of_tile(matte_.grid().y.index[size(y)], x / tile);
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
    const CellKinds& kinds = matte_.kinds();
    const std::ptrdiff_t row = grid.y.index[size(y)];
    const std::size_t end = x + count;
    if (x / tile == (end - 1) / tile) {
        const Kind held = kinds.of_tile(row, x / tile);
        if (held == Kind::none) return none_.data();
        if (held == Kind::whole) return whole_.data();
    }
    const std::size_t beyond = size(grid.x.index[end - 1]) + 1;
    for (std::size_t from = x, to; from < end; from = to) {
        const std::size_t first = size(grid.x.index[from]);
        const std::size_t last = std::min(kinds.end(row, first), beyond);
        const Kind kind = kinds.at(row, first);
        to = std::min(size(grid.x.starts[last]), end);
        if (kind == Kind::mixed)
            guide(y, first, last, from, to);
        else
            std::fill(alpha_.data() + from, alpha_.data() + to,
                      kind == Kind::whole ? opaque : std::int16_t{0});
    }
    return alpha_.data() + x;
}

template class GuidedAlphaRows<std::uint8_t>;
template class GuidedAlphaRows<std::uint16_t>;

}  // namespace defocus
