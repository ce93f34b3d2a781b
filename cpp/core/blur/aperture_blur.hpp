// Blurs rows of the grid by the shape of an aperture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/plan/aperture.hpp"
#include "kernels/kernel_table.hpp"

namespace defocus {

// Blurs rows of the grid by an aperture.
class ApertureBlur {
  public:
    // Makes `count` samples from count + 2 radius samples.
    ApertureBlur(const Aperture& aperture, std::size_t count, const KernelTable& kernels);

    // One plane: `rows` are 2 radius + 1 rows.
    void apply(const float* const* rows, float* out);

  private:
    const KernelTable& kernels_;
    std::size_t radius_, count_;
    std::size_t stride_;  // of the column sums, which are held for one piece of the row
    std::vector<std::int32_t> offsets_;
    std::vector<float> weights_;
    std::vector<float> sums_;
    std::vector<const float*> piece_;
};

}  // namespace defocus
