"""The edge of a cutout: threshold, growth, feather."""

from __future__ import annotations

import math

import numpy as np

from defocus import _native
from defocus.options import Finish
from defocus.options.lengths import Measure
from defocus.pixels.boxes import Box, longer_side, visible_box
from defocus.pixels.samples import Pixels, full_scale
from defocus.threads import effective_threads

__all__ = ["edit", "grown"]

# Up to this radius a disc is exact, row by row.
_EXACT = 48
_BAND = 128  # rows
_TAIL = 4  # standard deviations


def edit(rgba: Pixels, finish: Finish, threads: int | None) -> None:
    """Apply `threshold`, `grow` and `feather` to a cutout, H x W x 4, in place."""
    alpha = rgba[..., 3]
    full = full_scale(alpha.dtype)
    if finish.threshold is not None:
        least = max(1, math.ceil(finish.threshold * full - 1e-9))
        alpha[:] = np.where(alpha >= least, alpha.dtype.type(full), alpha.dtype.type(0))
    if finish.growth == finish.softness == Measure() or not alpha.any():
        return
    side = longer_side(visible_box(alpha))
    radius, sigma = finish.growth.of(side), finish.softness.of(side)
    if radius:
        _resize_outline(alpha, radius)
    if sigma and alpha.any():
        _feather(rgba, sigma, threads)


def _resize_outline(alpha: Pixels, radius: float) -> None:
    """Grow or shrink the outline in place, within the frame.

    A subject that the frame cuts does not shrink there.
    """
    part = alpha[_around(visible_box(alpha), math.ceil(max(radius, 0.0)) + 1)]
    if radius > 0:
        part[:] = grown(part, radius)
    else:
        full = part.dtype.type(full_scale(part.dtype))
        part[:] = full - grown(full - part, -radius)


def grown(plane: Pixels, radius: float) -> Pixels:
    """The largest value in a disc around each pixel: a grey dilation.

    Beyond 48 pixels the disc is built from smaller ones, and is exact to about two pixels.
    """
    if radius > _EXACT:
        half = radius / 2
        base = grown(plane, half)
        count = math.ceil(math.pi * math.sqrt(radius))  # bumps of half a pixel
        wide: Pixels = base.copy()
        for step in range(count):
            turn = 2 * math.pi * step / count
            _raise(wide, base, round(half * math.sin(turn)), round(half * math.cos(turn)))
        return wide
    reach = math.floor(radius)
    result: Pixels = np.empty_like(plane)
    for top in range(0, len(plane), _BAND):
        first, last = max(top - reach, 0), min(top + _BAND + reach, len(plane))
        result[top : top + _BAND] = _grown_band(plane[first:last], radius)[top - first :][:_BAND]
    return result


def _grown_band(plane: Pixels, radius: float) -> Pixels:
    """Each row of the disc is a window; rows of equal width share theirs."""
    widths = [math.floor(math.sqrt(radius**2 - row**2)) for row in range(math.floor(radius) + 1)]
    result: Pixels = plane.copy()
    window: Pixels = plane.copy()
    for width in range(max(widths) + 1):
        if width:
            _raise(window, plane, 0, width)
            _raise(window, plane, 0, -width)
        for row in (row for row, wide in enumerate(widths) if wide == width):
            _raise(result, window, row, 0)
            _raise(result, window, -row, 0)
    return result


def _raise(target: Pixels, source: Pixels, down: int, right: int) -> None:
    """Raise `target` to the values of `source`, moved by so many rows and columns, in place."""
    height, width = target.shape
    if abs(down) >= height or abs(right) >= width:
        return
    to = target[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    of = source[max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    np.maximum(to, of, out=to)


def _feather(rgba: Pixels, sigma: float, threads: int | None) -> None:
    """Blur alpha in place.  Pixels that become visible get the colours of the subject around them.

    Those are blur(a F) / blur(a), a normalised convolution (Knutsson & Westin 1993).
    """
    part = rgba[_around(visible_box(rgba[..., 3]), math.ceil(_TAIL * sigma) + 1)]
    full = np.float32(full_scale(part.dtype))
    count = effective_threads(threads)
    old = part[..., 3].astype(np.float32) / full
    new = _native.gaussian_blur(old, sigma, threads=count)
    codes = (new * full + np.float32(0.5)).astype(part.dtype)
    changed = (codes > 0) & (old < 1)
    share, weight = old[changed], np.maximum(new[changed], np.float32(1e-6))
    for channel in range(3):
        colours = part[..., channel]
        around = _native.gaussian_blur(colours * old, sigma, threads=count)[changed] / weight
        mixed = share * colours[changed] + (1 - share) * np.minimum(around, full)
        colours[changed] = (mixed + np.float32(0.5)).astype(part.dtype)
    part[..., 3] = codes


def _around(box: Box, reach: int) -> tuple[slice, slice]:
    """The rows and columns of a box and so many pixels around it."""
    left, top, right, bottom = box
    return slice(max(top - reach, 0), bottom + reach), slice(max(left - reach, 0), right + reach)
