"""A background whose blur grows with its distance from the subject's, in layers, back to front."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.errors import ImageValueError
from defocus.options import Look
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import from_light, light_of_samples
from defocus.render import circle_of_confusion
from defocus.threads import effective_threads

__all__ = ["check_depth", "portrait"]

Map = NDArray[np.float32]
Mask = Map | NDArray[np.uint8]

# What layers are worked out at, at most, where the matte is a network's and no finer itself.
_LONG_EDGE = 1024

# Layers that hold less of the picture anywhere are left out.
_LEAST_WEIGHT = 1 / 255


def portrait(
    pixels: Pixels,
    matte: Mask,
    depth: Map | None,
    sigma: float,
    look: Look,
    threads: int | None,
    *,
    coarse: bool = False,
) -> Pixels:
    """`pixels` (H x W x 3) with each pixel of the background blurred by its share of sigma.

    They are uint8 or uint16, and `matte` is H x W, float32 0..1 or uint8.  The share comes from
    `depth` (float32, any size of the picture's proportions), or if that is None from `look.ramp`.
    From the blurriest layer on, each is blurred by itself (a normalised convolution: nothing else
    leaks into it) and laid over what is there, as far as its own blurred outline covers; it goes on
    behind what is nearer in the proportion in which its surroundings are of it.  The subject comes
    last.  Where the matte is 1 the pixels stay as they are.  `coarse` layers are worked out at a
    long edge of 1024 pixels at most; the subject is laid over at the picture's own size all the
    same.
    """
    height, width = pixels.shape[:2]
    whole = _native.resize_bilinear(matte, width, height)
    matte = _means(whole, *_working_size(height, width)) if coarse else whole
    if depth is not None:
        check_depth(depth, (width, height))
        share = circle_of_confusion.share_by_depth(_fitted(depth, *matte.shape), matte)
    else:
        share = circle_of_confusion.share_by_ground(float(look.ramp or 0.0), matte)
    count = effective_threads(threads)
    scale = share.shape[1] / pixels.shape[1]
    background = np.float32(1.0) - matte
    behind = np.zeros_like(share)  # all farther layers
    out: Pixels | None = None
    *blurred, (_, sharp) = circle_of_confusion.layers(share, sigma)
    for step, part in blurred:
        own = part * background
        if own.max() < _LEAST_WEIGHT:
            continue

        cover = np.ones_like(share)
        if out is not None:
            radius = step * sigma * scale
            own_near, behind_near = (_spread(part, radius, count) for part in (own, behind))
            hidden = np.maximum(1.0 - behind - own, 0.0)
            cover = own + hidden * own_near / (own_near + behind_near + 1e-6)
            cover = _spread(cover, radius, count)
        out = _native.portrait(
            pixels,
            np.clip(1.0 - cover, 0.0, 1.0),
            step * sigma,
            front=pixels if out is None else out,
            excluded=np.float32(1.0) - own,
            light=look.light,
            bokeh=look.bokeh,
            blades=look.blades or 0,
            highlights=look.strength_of_highlights,
            threads=count,
        )
        behind += own
    if out is None:
        return np.array(pixels)
    return _lay_over(pixels, whole, sharp, out, look)


def _spread(weights: Map, sigma: float, threads: int) -> Map:
    plain: Map = np.ascontiguousarray(weights, np.float32)
    return _native.gaussian_blur(plain, sigma, threads=threads)


def check_depth(depth: Map, size: tuple[int, int]) -> None:
    """Raise ImageValueError unless the depth map has the proportions of `size` (width, height).

    A side of few pixels may be rounded.
    """
    (rows, columns), (width, height) = depth.shape, size
    rounding = 1.0 / min(rows, columns, width, height)
    if abs(np.log(columns * height / (rows * width))) > 0.03 + rounding:
        raise ImageValueError(
            f"depth has shape {depth.shape}, other proportions than the picture's {width} x "
            f"{height}; give a map of the whole upright picture"
        )


def _working_size(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, _LONG_EDGE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _means(matte: Map, rows: int, columns: int) -> Map:
    """The matte, as the means of so many rows and columns of cells, at most its own."""
    tops, lefts = (
        np.arange(count) * length // count
        for count, length in zip((rows, columns), matte.shape, strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(matte, tops, axis=0), lefts, axis=1)
    down, across = (
        np.diff(starts, append=length).astype(np.float32)
        for starts, length in zip((tops, lefts), matte.shape, strict=True)
    )
    return np.asarray(np.minimum(sums / np.outer(down, across), 1.0), np.float32)


def _fitted(depth: Map, height: int, width: int) -> Map:
    """Depth at another size, not interpolated: between near and far there is often nothing."""
    rows, columns = depth.shape
    at_rows = (2 * np.arange(height) + 1) * rows // (2 * height)
    at_columns = (2 * np.arange(width) + 1) * columns // (2 * width)
    return np.asarray(depth[at_rows[:, np.newaxis], at_columns])


def _lay_over(pixels: Pixels, matte: Map, sharp: Map, out: Pixels, look: Look) -> Pixels:
    """Put the picture back into `out`, where the subject is or the background is `sharp`."""
    if sharp.shape != matte.shape:
        sharp = _native.resize_bilinear(sharp, matte.shape[1], matte.shape[0])
    alpha = matte + sharp * (np.float32(1.0) - matte)
    solid = alpha >= 1.0
    soft = (alpha > 0.0) & ~solid
    out[solid] = pixels[solid]
    share = alpha[soft][:, np.newaxis]
    mixed = share * _decode(pixels[soft], look) + (1.0 - share) * _decode(out[soft], look)
    out[soft] = _encode(mixed, look, pixels.dtype)
    return out


def _decode(samples: Pixels, look: Look) -> NDArray[np.float32]:
    full = full_scale(samples.dtype)
    linear = look.light == "linear"
    table = light_of_samples(full) if linear else np.arange(full + 1) / full
    return np.asarray(table.astype(np.float32)[samples])


def _encode(values: NDArray[np.float32], look: Look, dtype: np.dtype[Any]) -> Pixels:
    encoded = from_light(values) if look.light == "linear" else values
    samples = np.rint(np.float32(full_scale(dtype)) * np.clip(encoded, 0.0, 1.0))
    return np.asarray(samples.astype(dtype))
