"""Blur that grows with the distance from the subject, in layers from back to front."""

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

# The largest long edge at which layers are computed, where the matte comes from the network.
_LONG_EDGE = 1024

# Layers with a smaller weight everywhere are skipped.
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
    """Blur each background pixel of `pixels` (H x W x 3, uint8 or uint16) by its share of sigma.

    `matte` is H x W, float32 0..1 or uint8.  The share comes from `depth`, a float32 map with the
    proportions of the image, or from `look.ramp` if `depth` is None.

    Layers are blurred one by one, the blurriest first, by a normalised convolution, so that no
    other layer leaks in.  Each is laid over the result as far as its own blurred outline covers.
    Behind nearer layers it continues in proportion to its share of the surroundings.
    The subject comes last.  Where the matte is 1, the pixels stay unchanged.

    `coarse` layers are computed at a long edge of at most 1024 pixels.
    The subject is laid over at full size in any case.
    """
    height, width = pixels.shape[:2]
    whole = _native.resize_bilinear(matte, width, height)
    matte = _means(whole, *_working_size(height, width)) if coarse else whole
    share = _shares(depth, matte, look, (width, height))
    count = effective_threads(threads)
    scale = share.shape[1] / pixels.shape[1]
    background = np.float32(1.0) - matte
    behind = np.zeros_like(share)  # the weight of all farther layers
    out: Pixels | None = None
    *blurred, (_, sharp) = circle_of_confusion.layers(share, sigma)
    for step, part in blurred:
        own = part * background
        if own.max() < _LEAST_WEIGHT:
            continue
        cover = np.ones_like(share)
        if out is not None:
            cover = _cover(own, behind, step * sigma * scale, count)
        front = pixels if out is None else out
        out = _layer(pixels, front, own, cover, step * sigma, look, count)
        behind += own
    if out is None:
        return np.array(pixels)
    return _lay_over(pixels, whole, sharp, out, look)


def _shares(depth: Map | None, matte: Map, look: Look, size: tuple[int, int]) -> Map:
    """Return each pixel's share of the blur; `size` is the width and height of the image."""
    if depth is None:
        return circle_of_confusion.share_by_ground(float(look.ramp or 0.0), matte)
    check_depth(depth, size)
    return circle_of_confusion.share_by_depth(_fitted(depth, *matte.shape), matte)


def _cover(own: Map, behind: Map, radius: float, threads: int) -> Map:
    """Return how much of each pixel a layer covers, once it is blurred by `radius`.

    `own` is the weight of the layer, and `behind` that of all farther layers.
    """
    own_near, behind_near = (_spread(weights, radius, threads) for weights in (own, behind))
    hidden = np.maximum(1.0 - behind - own, 0.0)
    cover = own + hidden * own_near / (own_near + behind_near + 1e-6)
    return _spread(cover, radius, threads)


def _layer(
    pixels: Pixels, front: Pixels, own: Map, cover: Map, sigma: float, look: Look, threads: int
) -> Pixels:
    """Blur one layer by `sigma`, and lay it over `front` as far as it covers."""
    return _native.portrait(
        pixels,
        np.clip(1.0 - cover, 0.0, 1.0),
        sigma,
        front=front,
        excluded=np.float32(1.0) - own,
        light=look.light,
        bokeh=look.bokeh,
        blades=look.blades or 0,
        highlights=look.strength_of_highlights,
        threads=threads,
    )


def _spread(weights: Map, sigma: float, threads: int) -> Map:
    plain: Map = np.ascontiguousarray(weights, np.float32)
    return _native.gaussian_blur(plain, sigma, threads=threads)


def check_depth(depth: Map, size: tuple[int, int]) -> None:
    """Raise ImageValueError unless the depth map has the proportions of `size` (width, height).

    A short side may be rounded.
    """
    (rows, columns), (width, height) = depth.shape, size
    rounding = 1.0 / min(rows, columns, width, height)
    if abs(np.log(columns * height / (rows * width))) > 0.03 + rounding:
        raise ImageValueError(
            f"depth has shape {depth.shape}, other proportions than the image's {width} x "
            f"{height}; pass a map of the whole upright image"
        )


def _working_size(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, _LONG_EDGE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _means(matte: Map, rows: int, columns: int) -> Map:
    """Return the matte as the means of `rows` x `columns` cells, no more than it has pixels."""
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
    """Resize depth without interpolation: between near and far there is often nothing."""
    rows, columns = depth.shape
    at_rows = (2 * np.arange(height) + 1) * rows // (2 * height)
    at_columns = (2 * np.arange(width) + 1) * columns // (2 * width)
    return np.asarray(depth[at_rows[:, np.newaxis], at_columns])


def _lay_over(pixels: Pixels, matte: Map, sharp: Map, out: Pixels, look: Look) -> Pixels:
    """Restore the image in `out` where the subject is, and where the background is `sharp`."""
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
