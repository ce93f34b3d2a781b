// A photograph as a network wants it: shrunk, in planes, normalised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/image_view.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Channel c becomes (v / peak - mean[c]) / std[c], with the shrunk photograph's greatest value as
// peak, but at least 1: a black one stays black.
struct Normalisation {
    std::array<double, 3> mean, std;
};

// `out` holds 3 planes of width x height floats.  The result does not depend on `threads`.
void network_input(const ImageView<const std::uint8_t>& image, std::ptrdiff_t width,
                   std::ptrdiff_t height, const Normalisation& normalisation, float* out,
                   int threads, const KernelTable& kernels);

}  // namespace defocus
