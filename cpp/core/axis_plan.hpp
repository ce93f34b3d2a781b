// How one axis of a picture is blurred by a Gaussian of any sigma: strides and taps.
//
// Small sigma: a plain FIR of the sampled Gaussian.
//
// Large sigma: multirate.  The axis is low-passed by a tent and decimated by `stride` = D on a grid
// that shares sample 0, blurred there by a short FIR, and brought back by cubic B-spline
// interpolation.  Variances of convolved kernels add, so the FIR gets what the other two leave:
//
//     sigma^2 = (D^2 - 1) / 6  +  D^2 v  +  D^2 / 3
//               tent              FIR        cubic B-spline
//
// The cubic B-spline is chosen because its second moment is 1/3 at every phase of the grid; with
// a linear or Catmull-Rom interpolation the blur would pulse with period D.  With sigma / D >= 2
// the result stays within one 8-bit level of the exact Gaussian on any picture.
//
// Borders are reflect-101.
#pragma once

#include <cstddef>
#include <vector>

namespace defocus {

struct AxisPlan {
    std::ptrdiff_t length = 0;      // samples along the axis
    std::ptrdiff_t stride = 1;      // D, a power of two; 1 = plain FIR
    std::ptrdiff_t radius = 0;      // of the FIR, in grid samples
    std::vector<float> prefilter;   // 2 D - 1 tent taps
    std::vector<float> taps;        // 2 radius + 1, symmetric, sum 1
    std::vector<float> spline;      // [4][D]: tap k of phase p at k * D + p

    bool multirate() const noexcept { return stride > 1; }

    // Grid samples that the interpolation of sample i reads: support_first(i) and the three
    // that follow it (multirate), or i itself.
    std::ptrdiff_t support_first(std::ptrdiff_t i) const noexcept {
        return multirate() ? i / stride - 1 : i;
    }
    std::ptrdiff_t support_last(std::ptrdiff_t i) const noexcept {
        return multirate() ? i / stride + 2 : i;
    }
    // Samples after the FIR, and before it, that the whole axis needs.
    std::ptrdiff_t grid_count() const noexcept {
        return support_last(length - 1) - support_first(0) + 1;
    }
    std::ptrdiff_t grid_count_before_fir() const noexcept { return grid_count() + 2 * radius; }
    // Samples of the picture, reflected ones included, from `extended_first()` on.
    std::ptrdiff_t extended_first() const noexcept {
        return (support_first(0) - radius) * stride - (stride - 1);
    }
    std::ptrdiff_t extended_count() const noexcept {
        return (grid_count_before_fir() - 1) * stride + 2 * stride - 1;
    }
};

// sigma in samples, > 0 and finite.  A sigma far beyond the length is lowered to the one from which
// on nothing changes any more, so that the cost stays bounded.
AxisPlan plan_axis(double sigma, std::ptrdiff_t length);

}  // namespace defocus
