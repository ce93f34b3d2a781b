#include "core/blur/aperture_blur.hpp"

#include <algorithm>

#include "core/base/samples.hpp"

namespace defocus {
namespace {

// Column sums are held for so many outputs at once: about 16 KiB with 13 heights.
constexpr std::size_t piece = 256;

}  // namespace

ApertureBlur::ApertureBlur(const Aperture& aperture, std::size_t count, const KernelTable& kernels)
    : kernels_(kernels),
      radius_(size(aperture.radius)),
      count_(count),
      stride_(std::min(count, piece) + 2 * radius_),
      sums_((radius_ + 1) * stride_),
      piece_(2 * radius_ + 1) {
    for (const Aperture::Tap& tap : aperture.taps) {
        // A point spreads to the right what an output gathers from the left.
        const std::size_t at = size(tap.height) * stride_ + size(aperture.radius - tap.column);
        offsets_.push_back(static_cast<std::int32_t>(at));
        weights_.push_back(tap.weight);
    }
}

void ApertureBlur::apply(const float* const* rows, float* out) {
    for (std::size_t x = 0; x < count_; x += piece) {
        const std::size_t n = std::min(count_ - x, piece);
        for (std::size_t k = 0; k < piece_.size(); ++k) piece_[k] = rows[k] + x;
        kernels_.sum_columns(piece_.data(), radius_, n + 2 * radius_, sums_.data(), stride_);
        kernels_.gather(sums_.data(), offsets_.data(), weights_.data(), weights_.size(), n,
                        out + x);
    }
}

}  // namespace defocus
