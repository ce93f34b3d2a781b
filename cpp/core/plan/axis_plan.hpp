// How one axis of a picture is blurred by a Gaussian of any sigma: strides and taps.
//
// Small sigma: a plain FIR of the sampled Gaussian.
//
// Large sigma: multirate.  The axis is cut into cells of `stride` = D samples; a prefilter, the box
// of D samples convolved with itself twice, is read off at the centre of each cell.  On that grid
// a short FIR blurs, and cubic B-spline interpolation leads back.  Variances of convolved kernels
// add, so the FIR gets what the other two leave:
//
//     sigma^2 = (D^2 - 1) / 4  +  D^2 v  +  D^2 / 3
//               prefilter         FIR        cubic B-spline
//
// A nonlinear step between FIR and interpolation (the division of the normalised blur, the sRGB
// curve) must see the finished blur: `Upsampling::interpolating` has the FIR do all of it, and
// turns the grid's samples into the coefficients of a spline that runs through them.  The inverse
// of the spline's (1 4 1) / 6 is endless; `coefficient_taps` are the five that are off least, by
// .00014 of what a blur of two grid samples leaves of a frequency (least maximum, sum 1).  A Taylor
// series of five taps is off by .00054.
//
// Why these two.  A prefilter of n boxes lets through (u^n) of a frequency that lies u / D beside
// a multiple of 1 / D, and the whole blur exp(-2 pi^2 (sigma / D)^2 u^2) of its alias u / D.  With
// sigma / D >= 2 the worst product is .0047 for a tent (n = 2), more than one level on a binary
// chirp, and .0006 for n = 3, a tenth of a level.  The cubic B-spline suppresses images as u^4 and
// has the second moment 1/3 at every phase; linear or Catmull-Rom interpolation would pulse with
// period D.  All taps are positive, which the normalised blur relies on.
//
// Borders are reflect-101, unless the plan holds them.
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
    std::ptrdiff_t margin = 0;  // grid samples that making coefficients needs beyond the others
    std::vector<float> taps;    // one half: the middle one, then outwards; the whole sums to 1
    std::vector<float> spline;  // [4][period]: tap k of phase p at k * period + p, repeated
    Border border = Border::mirrored;

    bool multirate() const noexcept { return stride > 1; }

    // Between two neighbouring cell centres the interpolation reads the same four grid samples;
    // such a span of D samples starts half a cell before sample 0.
    std::ptrdiff_t span(std::ptrdiff_t i) const noexcept { return (i + stride / 2) / stride; }
    std::ptrdiff_t phase(std::ptrdiff_t i) const noexcept { return (i + stride / 2) % stride; }
    // Grid samples that sample i reads: the first, and the last.
    std::ptrdiff_t support_first(std::ptrdiff_t i) const noexcept {
        return multirate() ? span(i) - 2 : i;
    }
    std::ptrdiff_t support_last(std::ptrdiff_t i) const noexcept {
        return multirate() ? span(i) + 1 : i;
    }
    // Samples that the whole axis needs of the coefficients, after the FIR, and before it.
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
    // How far beyond sample i of the result the source has about been read by then: what the FIR
    // and the spline reach, and the rows that GridRows makes at once.
    std::ptrdiff_t rows_ahead() const noexcept { return (radius + margin + 11) * stride; }
    std::ptrdiff_t spline_period() const noexcept { return stride < 8 ? 8 : stride; }
    // The sample of the picture that stands at i, which may lie outside.
    std::ptrdiff_t inside(std::ptrdiff_t i) const noexcept {
        return border == Border::mirrored ? reflect(i, length)
                                          : std::clamp(i, std::ptrdiff_t{0}, length - 1);
    }
    // Samples of the picture, those outside included, from `extended_first()` on.
    std::ptrdiff_t extended_first() const noexcept {
        return grid_first_before_fir(0) * stride - (stride - 1);
    }
    std::ptrdiff_t extended_count() const noexcept {
        return (grid_count_before_fir() - 1) * stride + 3 * stride - 2;
    }
};

// sigma in samples, > 0 and finite.  A sigma far beyond the length is lowered to the one from which
// on nothing changes any more, so that the cost stays bounded.
AxisPlan plan_axis(double sigma, std::ptrdiff_t length,
                   Upsampling upsampling = Upsampling::smoothing);

// The plan of an axis whose grid of cells of `stride` (a power of two) is blurred by a shape of
// that radius in grid samples, and interpolated; borders are held.
AxisPlan plan_grid(std::ptrdiff_t length, std::ptrdiff_t stride, std::ptrdiff_t radius);

// One half of the taps that make coefficients of grid samples: the middle one, then outwards.
constexpr float coefficient_taps[3] = {1.5468746f, -0.30985222f, 0.03641492f};

}  // namespace defocus
