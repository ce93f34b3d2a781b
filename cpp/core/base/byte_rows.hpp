// Rows of an image of 8 or 16 bits as bytes, for code that needs no exact colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "core/base/image_view.hpp"
#include "core/base/samples.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

template <typename T>
class ByteRows {
  public:
    // The image is RGB.  `slots` rows are valid at a time.
    ByteRows(const ImageView<const T>& image, std::size_t slots, const KernelTable& kernels)
        : image_(image),
          samples_(size(3 * image.width)),
          kernels_(kernels),
          packed_(image.rows_are_packed() ? 0 : slots * samples_),
          bytes_(std::is_same_v<T, std::uint8_t> ? 0 : slots * samples_) {}

    const std::uint8_t* row(std::ptrdiff_t y, std::size_t slot) {
        const T* row =
            packed_row(image_, y, packed_.data() + (packed_.empty() ? 0 : slot * samples_));
        if constexpr (std::is_same_v<T, std::uint8_t>) {
            return row;
        } else {
            std::uint8_t* out = bytes_.data() + slot * samples_;
            kernels_.bytes_from_16(row, samples_, out);
            return out;
        }
    }

  private:
    ImageView<const T> image_;
    std::size_t samples_;
    const KernelTable& kernels_;
    std::vector<T> packed_;
    std::vector<std::uint8_t> bytes_;
};

}  // namespace defocus
