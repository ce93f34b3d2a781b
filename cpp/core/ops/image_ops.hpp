// Operations on whole images, made of row kernels one row at a time.
#pragma once

#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "core/matte/matte_rows.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// All views have equal sizes.  Outputs have packed rows and do not overlap the inputs.  The result
// does not depend on the number of threads.

template <typename T>
void gaussian_blur(const ImageView<const T>& image, double sigma, const ImageView<T>& out,
                   const Threads& threads, const KernelTable& kernels);

void resize_bilinear(const MaskView& mask, const ImageView<float>& out, const Threads& threads,
                     const KernelTable& kernels);

// out = alpha * foreground + (1 - alpha) * background
void blend(const ImageView<const std::uint8_t>& foreground,
           const ImageView<const std::uint8_t>& background, const MaskView& alpha,
           const ImageView<std::uint8_t>& out, const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
