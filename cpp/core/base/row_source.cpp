#include "core/base/row_source.hpp"

#include <algorithm>
#include <type_traits>

#include "core/base/samples.hpp"

namespace defocus {
template <typename T, typename Sample>
PixelSource<T, Sample>::PixelSource(const ImageView<const T>& image, const KernelTable& kernels)
    : image_(image),
      kernels_(kernels),
      scratch_(image.rows_are_packed() ? 0 : halved_rows * samples()) {}

template <typename T, typename Sample>
std::size_t PixelSource<T, Sample>::samples() const noexcept {
    return size(image_.width * image_.channels);
}

template <typename T, typename Sample>
const T* PixelSource<T, Sample>::packed(std::ptrdiff_t y, std::size_t slot) {
    return packed_row(image_, y, scratch_.data() + (scratch_.empty() ? 0 : slot * samples()));
}

template <typename T, typename Sample>
void PixelSource<T, Sample>::read(std::ptrdiff_t y, Sample* flat) {
    const T* row = packed(y, 0);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.centre_bytes(row, samples(), flat);
    else
        std::copy_n(row, samples(), flat);
}

template <typename T, typename Sample>
void PixelSource<T, Sample>::halve(const std::ptrdiff_t* ys, Sample* flat) {
    const T* rows[halved_rows];
    for (std::size_t k = 0; k < halved_rows; ++k) rows[k] = packed(ys[k], k);
    if constexpr (std::is_same_v<T, std::uint8_t>)
        kernels_.halve_bytes(rows, samples(), flat);
    else
        kernels_.halve_rows_floats(rows, samples(), flat);
}

template class PixelSource<std::uint8_t, std::int16_t>;
template class PixelSource<float, float>;

}  // namespace defocus
