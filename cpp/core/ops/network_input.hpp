// A photo as a network takes it: shrunk, in planes, normalised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/image_view.hpp"
#include "core/base/parallel.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Channel c becomes (v / divisor - mean[c]) / std[c].  A divisor of 0 stands for the greatest value
// of the shrunk photo, but at least 1, so that a black photo stays black.
struct Normalisation {
    std::array<double, 3> mean, std;
    double divisor;
};

// `out` holds 3 planes of width x height floats.  The result does not depend on `threads`.
void network_input(const ImageView<const std::uint8_t>& image, std::ptrdiff_t width,
                   std::ptrdiff_t height, const Normalisation& normalisation, float* out,
                   const Threads& threads, const KernelTable& kernels);

}  // namespace defocus
