"""Resize a cutout and put it on a canvas: in linear light, with colours weighted by alpha."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.io import pillow
from defocus.pixels.boxes import Placement
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import from_light, light_of_samples

__all__ = ["placed"]

Floats = NDArray[np.float32]

_REACH = 2  # pixels of the result that a bicubic filter reaches beyond the box
# Below this scale blocks of pixels are averaged first, so that the filter stays small.
_LEAST_SCALE = 1 / 8
_STEPS = 65535  # of light, for 8-bit results
_LEAST = 1e-4  # alpha below which a pixel has no colour


def placed(rgba: Pixels, placement: Placement, *, linear: bool = False) -> Pixels:
    """The cutout (H x W x 4) at its place: transparent around it.

    Samples are sRGB, or linear light if `linear`.  The filter is bicubic, as wide as the scale
    needs, so no pixel of the photograph is skipped.
    """
    if placement.exact:
        return _moved(rgba, placement)
    width, height = placement.size
    result = np.zeros((height, width, 4), rgba.dtype)
    across, down = (_axis(placement, axis) for axis in range(2))
    left, top, right, bottom = placement.box
    part = rgba[top:bottom, left:right]
    result[down.target, across.target] = _resized(part, across, down, linear=linear)
    return result


class _Axis(NamedTuple):
    """One direction: the pixels of the result, and the part of the source they show.

    The source is first reduced by the whole number `factor`, then padded.
    """

    target: slice
    factor: int
    pad: tuple[int, int]
    first: float
    last: float


def _axis(placement: Placement, axis: int) -> _Axis:
    length, scale = placement.box[axis + 2] - placement.box[axis], placement.scale[axis]
    at = placement.at[axis]
    reach = math.ceil(_REACH * max(1.0, scale))
    start = max(0, math.floor(at) - reach)
    stop = min(placement.size[axis], math.ceil(at + scale * length) + reach)
    factor = max(1, int(_LEAST_SCALE / scale))
    first, last = (start - at) / (scale * factor), (stop - at) / (scale * factor)
    side = -(-length // factor)
    pad = max(0, math.ceil(-first)), max(0, math.ceil(last - side))
    whole = side + pad[0] + pad[1]
    return _Axis(
        slice(start, stop), factor, pad, max(0.0, first + pad[0]), min(float(whole), last + pad[0])
    )


def _moved(rgba: Pixels, placement: Placement) -> Pixels:
    """The box at its place, without a change of pixels."""
    left, top, right, bottom = placement.box
    part = rgba[top:bottom, left:right]
    if placement.size == (right - left, bottom - top):
        return np.ascontiguousarray(part)
    width, height = placement.size
    result = np.zeros((height, width, 4), rgba.dtype)
    across, down = (int(place) for place in placement.at)
    result[down : down + len(part), across : across + part.shape[1]] = part
    return result


def _resized(part: Pixels, across: _Axis, down: _Axis, *, linear: bool) -> Pixels:
    """The part, resized: light times alpha is what the filter sees."""
    full = full_scale(part.dtype)
    table = np.arange(full + 1) / full if linear else light_of_samples(full)
    light = table.astype(np.float32)
    share = part[..., 3].astype(np.float32) / np.float32(full)
    alpha = _filtered(share, across, down)
    result = np.empty((*alpha.shape, 4), part.dtype)
    result[..., 3] = _codes(np.clip(alpha, 0, 1), full)
    visible = np.maximum(alpha, np.float32(_LEAST))
    for channel in range(3):
        amount = _filtered(light[part[..., channel]] * share, across, down)
        colour = np.clip(np.divide(amount, visible), 0, 1)
        result[..., channel] = _codes(colour, full) if linear else _encoded(colour, full)
    result[result[..., 3] == 0] = 0
    return result


def _filtered(plane: Floats, across: _Axis, down: _Axis) -> Floats:
    pillow.load()
    from PIL import Image

    for axis, factor in enumerate((down.factor, across.factor)):
        if factor > 1:
            starts = np.arange(0, plane.shape[axis], factor)
            plane = np.divide(np.add.reduceat(plane, starts, axis=axis), np.float32(factor))
    picture = Image.fromarray(np.pad(plane, (down.pad, across.pad)))
    size = across.target.stop - across.target.start, down.target.stop - down.target.start
    box = across.first, down.first, across.last, down.last
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box), np.float32)


def _codes(values: Floats, full: int) -> Pixels:
    dtype = np.uint8 if full == 255 else np.uint16
    codes: Pixels = (values * np.float32(full) + np.float32(0.5)).astype(dtype)
    return codes


def _encoded(light: Floats, full: int) -> Pixels:
    """Light as sRGB samples: by a table for 8 bits, exactly for 16."""
    if full > 255:
        return _codes(from_light(light), full)
    table = np.rint(from_light(np.arange(_STEPS + 1) / _STEPS) * full).astype(np.uint8)
    encoded: Pixels = table[(light * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)]
    return encoded
