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
    pads = (down.pad, across.pad)
    start = (across.first, down.first)
    stop = (across.last, down.last)
    resized = _resized(part, pads, across.target, down.target, (*start, *stop), linear=linear)
    result[down.target, across.target] = resized
    return result


class _Axis(NamedTuple):
    """One direction: the pixels of the result, and the part of the padded source they show."""

    target: slice
    pad: tuple[int, int]
    first: float
    last: float


def _axis(placement: Placement, axis: int) -> _Axis:
    side = placement.box[axis + 2] - placement.box[axis]
    scale, at = placement.scale[axis], placement.at[axis]
    reach = math.ceil(_REACH * max(1.0, scale))
    start = max(0, math.floor(at) - reach)
    stop = min(placement.size[axis], math.ceil(at + scale * side) + reach)
    first, last = (start - at) / scale, (stop - at) / scale
    pad = max(0, math.ceil(-first)), max(0, math.ceil(last - side))
    whole = side + pad[0] + pad[1]
    return _Axis(
        slice(start, stop), pad, max(0.0, first + pad[0]), min(float(whole), last + pad[0])
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


def _resized(
    part: Pixels,
    pads: tuple[tuple[int, int], tuple[int, int]],
    columns: slice,
    rows: slice,
    box: tuple[float, float, float, float],
    *,
    linear: bool,
) -> Pixels:
    """The padded part, resized: light times alpha is what the filter sees."""
    size = columns.stop - columns.start, rows.stop - rows.start
    full = full_scale(part.dtype)
    table = np.arange(full + 1) / full if linear else light_of_samples(full)
    light = table.astype(np.float32)
    share = part[..., 3].astype(np.float32) / np.float32(full)
    alpha = _filtered(share, pads, size, box)
    result = np.empty((size[1], size[0], 4), part.dtype)
    result[..., 3] = _codes(np.clip(alpha, 0, 1), full)
    visible = np.maximum(alpha, np.float32(_LEAST))
    for channel in range(3):
        amount = _filtered(light[part[..., channel]] * share, pads, size, box)
        colour = np.clip(amount / visible, 0, 1)
        result[..., channel] = _codes(colour, full) if linear else _encoded(colour, full)
    result[result[..., 3] == 0] = 0
    return result


def _filtered(
    plane: Floats,
    pads: tuple[tuple[int, int], tuple[int, int]],
    size: tuple[int, int],
    box: tuple[float, float, float, float],
) -> Floats:
    pillow.load()
    from PIL import Image

    picture = Image.fromarray(np.pad(plane, pads))
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
