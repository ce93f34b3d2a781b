#include "core/blur/direct_rows.hpp"

#include "core/base/samples.hpp"
#include "core/plan/phase_taps.hpp"
#include "core/plan/reflect.hpp"

namespace defocus {
DirectRows::DirectRows(const ImageView<const std::uint8_t>& image, const AxisPlan& x,
                       const AxisPlan& y, const KernelTable& kernels)
    : image_(image),
      x_radius_(size(x.radius)),
      y_radius_(size(y.radius)),
      kernels_(kernels),
      x_taps_(fir_taps_q15(x)),
      y_taps_(fir_taps_q15(y)),
      packed_(image.rows_are_packed() ? 0
                                      : (2 * y_radius_ + 1) * size(image.width * image.channels)),
      rows_(2 * y_radius_ + 1),
      column_(size(image.width + 2 * x.radius) * size(image.channels)),
      out_(size(image.width * image.channels)) {}

const std::int16_t* DirectRows::row(std::ptrdiff_t y) {
    const std::size_t n = out_.size();
    const auto channels = size(image_.channels);
    for (std::size_t k = 0; k < rows_.size(); ++k) {
        const std::ptrdiff_t at = y + signed_size(k) - signed_size(y_radius_);
        rows_[k] = packed_row(image_, reflect(at, image_.height), packed_.data() + k * n);
    }
    std::int16_t* inside = column_.data() + x_radius_ * channels;
    kernels_.fir_columns_bytes(rows_.data(), y_taps_.data(), y_radius_, n, inside);
    for (std::ptrdiff_t i = 1; i <= signed_size(x_radius_); ++i)
        for (std::ptrdiff_t c = 0; c < image_.channels; ++c) {
            const std::ptrdiff_t before = reflect(-i, image_.width) * image_.channels + c;
            const std::ptrdiff_t after =
                reflect(image_.width - 1 + i, image_.width) * image_.channels + c;
            inside[-i * image_.channels + c] = inside[before];
            inside[(image_.width - 1 + i) * image_.channels + c] = inside[after];
        }
    kernels_.fir_row_q7(column_.data(), x_taps_.data(), x_radius_, channels, n, out_.data());
    return out_.data();
}

}  // namespace defocus
