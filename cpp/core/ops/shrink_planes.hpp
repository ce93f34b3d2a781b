// A photo at the size of a network's input, in planes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// `out` holds 3 planes of width x height floats, 0..255: red, green and blue of the photo, reduced
// by a triangle filter.  The result does not depend on `threads`.
void shrink_planes(const ImageView<const std::uint8_t>& image, std::ptrdiff_t width,
                   std::ptrdiff_t height, float* out, const Threads& threads,
                   const KernelTable& kernels);

}  // namespace defocus
