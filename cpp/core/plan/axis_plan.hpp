// How one axis of an image is blurred by a Gaussian of any sigma: strides and taps.
//
// Small sigma: a plain FIR with the taps of the sampled Gaussian.
//
// Large sigma: multirate.  The axis is cut into cells of `stride` = D samples.  A prefilter (the
// box of D samples convolved with itself twice) gives one sample at the centre of each cell.  A
// short FIR blurs on that grid.  Cubic B-spline interpolation leads back to all samples.  Variances
// of convolved kernels add, so the FIR gets the rest of the variance:
//
//     sigma^2 = (D^2 - 1) / 4  +  D^2 v  +  D^2 / 3
//               prefilter         FIR        cubic B-spline
//
// A nonlinear step between FIR and interpolation (the division of the normalised blur, the sRGB
// curve) needs the finished blur.  With `Upsampling::interpolating` the FIR therefore does the
// whole blur, and the grid's samples are turned into the coefficients of a spline through them.
// The exact inverse of the spline's (1 4 1) / 6 is infinite.  `coefficient_taps` are the five taps
// with the least maximum error and sum 1: .00014 of any frequency that a blur of two grid samples
// leaves.  Five taps of a Taylor series have an error of .00054.
//
// Why this prefilter: a prefilter of n boxes lets through u^n of a frequency that lies u / D beside
// a multiple of 1 / D.  The whole blur leaves exp(-2 pi^2 (sigma / D)^2 u^2) of its alias u / D.
// With sigma / D >= 2 the worst product is .0047 for a tent (n = 2): more than one 8-bit level on a
// binary chirp.  For n = 3 it is .0006: a tenth of a level.
//
// Why this interpolation: the cubic B-spline suppresses images of the spectrum as u^4 and has the
// second moment 1/3 at every phase.  Linear or Catmull-Rom interpolation would pulse with period D.
// All taps are positive, which the normalised blur needs.
//
// Borders are reflect-101, unless the plan holds the outermost sample.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/plan/reflect.hpp"

namespace defocus {

enum class Upsampling { smoothing, interpolating };
enum class Border { mirrored, held };

struct AxisPlan {
    std::ptrdiff_t length = 0;  // samples along the axis
    std::ptrdiff_t stride = 1;  // D, a power of two; 1 = plain FIR
    std::ptrdiff_t radius = 0;  // of the FIR, in grid samples
    std::ptrdiff_t margin = 0;  // more grid samples that the spline coefficients need
    std::vector<float> taps;    // one half, from the middle outwards; the whole FIR sums to 1
    std::vector<float> spline;  // [4][period]: tap k of phase p at k * period + p, repeated
    Border border = Border::mirrored;

    bool multirate() const noexcept { return stride > 1; }

    // Between two neighbouring cell centres the interpolation reads the same four grid samples.
    // Such a span of D samples starts half a cell before sample 0.
    std::ptrdiff_t span(std::ptrdiff_t i) const noexcept { return (i + stride / 2) / stride; }
    std::ptrdiff_t phase(std::ptrdiff_t i) const noexcept { return (i + stride / 2) % stride; }
    // The first and the last grid sample that sample i reads.
    std::ptrdiff_t support_first(std::ptrdiff_t i) const noexcept {
        return multirate() ? span(i) - 2 : i;
    }
    std::ptrdiff_t support_last(std::ptrdiff_t i) const noexcept {
        return multirate() ? span(i) + 1 : i;
    }
    // Grid samples that the whole axis needs: of the coefficients, after the FIR, and before it.
    std::ptrdiff_t support_count() const noexcept {
        return support_last(length - 1) - support_first(0) + 1;
    }
    std::ptrdiff_t grid_count() const noexcept { return support_count() + 2 * margin; }
    std::ptrdiff_t grid_count_before_fir() const noexcept { return grid_count() + 2 * radius; }
    // The first grid sample that sample i needs after the FIR, and before it.
    std::ptrdiff_t grid_first(std::ptrdiff_t i) const noexcept { return support_first(i) - margin; }
    std::ptrdiff_t grid_first_before_fir(std::ptrdiff_t i) const noexcept {
        return grid_first(i) - radius;
    }
    // About how many samples beyond sample i the source has been read when sample i is made.  This
    // is the reach of FIR and spline, and the batch of rows that GridRows makes.
    std::ptrdiff_t rows_ahead() const noexcept { return (radius + margin + 11) * stride; }
    std::ptrdiff_t spline_period() const noexcept { return stride < 8 ? 8 : stride; }
    // The sample of the image that stands for index i, which may lie outside.
    std::ptrdiff_t inside(std::ptrdiff_t i) const noexcept {
        return border == Border::mirrored ? reflect(i, length)
                                          : std::clamp(i, std::ptrdiff_t{0}, length - 1);
    }
    // Samples of the image and of its extension beyond the borders, from `extended_first()` on.
    std::ptrdiff_t extended_first() const noexcept {
        return grid_first_before_fir(0) * stride - (stride - 1);
    }
    std::ptrdiff_t extended_count() const noexcept {
        return (grid_count_before_fir() - 1) * stride + 3 * stride - 2;
    }
};

// `sigma` in samples, > 0 and finite.  A sigma far beyond the length is lowered to the largest one
// that still changes the result.  This bounds the cost.
AxisPlan plan_axis(double sigma, std::ptrdiff_t length,
                   Upsampling upsampling = Upsampling::smoothing);

// The plan of an axis whose grid is blurred by a shape and then interpolated.  `stride` is a power
// of two; `radius` is that of the shape in grid samples.  Borders are held.
AxisPlan plan_grid(std::ptrdiff_t length, std::ptrdiff_t stride, std::ptrdiff_t radius);

// One half of the taps that turn grid samples into spline coefficients, from the middle outwards.
constexpr float coefficient_taps[3] = {1.5468746f, -0.30985222f, 0.03641492f};

}  // namespace defocus
