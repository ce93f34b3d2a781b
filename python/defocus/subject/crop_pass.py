"""The crop pass: a small subject is predicted again on a crop, and the two maps are merged.

The network gets 320 x 320 pixels of any photograph.  A crop shows more detail of a small subject.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from defocus import _native

__all__ = ["Box", "confirms", "merge", "region", "widened"]

Map = NDArray[np.float32]
Box = tuple[int, int, int, int]

# Measured on photographs with a true matte.  Below the first limit the crop shows too little.
# Above the second the gain is less than .005 of IoU.
SMALLEST, LARGEST = 0.01, 0.25  # of the frame
MARGIN = 0.2  # around the subject, as a share of its longer side
CONFIRMED = 0.8  # of the subject: a crop's map that loses more is of something else
TOUCHES = 0.05  # the share of a side of the crop, along which the subject meets it
WIDER = 0.5  # how far such a side moves, as a share of the crop
_RIM = 2  # map pixels along the sides of a crop
_LONG_EDGE = 1024  # of the merged map, at most


def region(first: Map, size: tuple[int, int]) -> Box | None:
    """Return the crop (left, top, right, bottom) of a photograph of `size`, or None without a crop
    pass.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[80:160, 160:200] = 1
    >>> region(map_, (640, 640))
    (288, 128, 432, 352)
    """
    inside = first >= 0.5
    if not SMALLEST <= inside.mean() <= LARGEST:
        return None
    (width, height), (rows, columns) = size, first.shape
    down, across = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    left, right = across[0] * width / columns, (across[-1] + 1) * width / columns
    top, bottom = down[0] * height / rows, (down[-1] + 1) * height / rows
    margin = MARGIN * max(right - left, bottom - top)
    return (
        max(0, math.floor(left - margin)),
        max(0, math.floor(top - margin)),
        min(width, math.ceil(right + margin)),
        min(height, math.ceil(bottom + margin)),
    )


def widened(box: Box, crop_map: Map, size: tuple[int, int]) -> Box | None:
    """Return a larger crop if the subject goes on beyond `box`, else None.

    `crop_map` is the map of the crop.  Sides that the subject meets move outwards, up to the frame.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:] = 1
    >>> widened((100, 100, 200, 200), map_, (640, 640))
    (100, 100, 250, 200)
    """
    inside = crop_map >= 0.5
    across, down = (math.ceil(WIDER * (box[k + 2] - box[k])) for k in (0, 1))
    left, top = (
        max(0, start - step) if touched.any(axis=axis).mean() > TOUCHES else start
        for start, step, touched, axis in (
            (box[0], across, inside[:, :_RIM], 1),
            (box[1], down, inside[:_RIM], 0),
        )
    )
    right, bottom = (
        min(limit, end + step) if touched.any(axis=axis).mean() > TOUCHES else end
        for end, step, touched, axis, limit in (
            (box[2], across, inside[:, -_RIM:], 1, size[0]),
            (box[3], down, inside[-_RIM:], 0, size[1]),
        )
    )
    larger = left, top, right, bottom
    return None if larger == box else larger


def confirms(map_: Map, box: Box, crop_map: Map, crop: Box) -> bool:
    """Return whether the map of `crop` has most of the subject that the map of `box` has there.

    >>> map_ = np.zeros((320, 320), np.float32)
    >>> map_[100:200, 100:200] = 1
    >>> whole = (0, 0, 640, 640)
    >>> confirms(map_, whole, map_, whole), confirms(map_, whole, np.roll(map_, 50), whole)
    (True, False)
    """
    places, inside = [], []
    for k, found in ((0, 1), (1, 0)):
        step = (box[k + 2] - box[k]) / map_.shape[found]
        at = box[k] + (np.nonzero(map_ >= 0.5)[found] + 0.5) * step
        inside.append((at >= crop[k]) & (at < crop[k + 2]))
        length = crop_map.shape[found]
        index = ((at - crop[k]) / (crop[k + 2] - crop[k]) * length).astype(np.intp)
        places.append(np.clip(index, 0, length - 1))
    there = inside[0] & inside[1]
    found_again = crop_map[places[1], places[0]][there] >= 0.5
    return bool(found_again.size) and bool(found_again.mean() >= CONFIRMED)


def merge(first: Map, crop_map: Map, box: Box, size: tuple[int, int]) -> Map:
    """Return the mean of both maps inside the crop, and the first map elsewhere, without a seam.

    `crop_map` is the map of the crop `box` of a photograph of `size`.  The result has the
    resolution of the crop's map, up to 1024 samples.
    """
    left, top, right, bottom = box
    rows, columns = first.shape
    longer = max(rows * size[1] / (bottom - top), columns * size[0] / (right - left))
    scale = min(longer, _LONG_EDGE) / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    merged = _native.resize_bilinear(first, width, height)
    x0, x1 = round(left * width / size[0]), round(right * width / size[0])
    y0, y1 = round(top * height / size[1]), round(bottom * height / size[1])
    if x1 <= x0 or y1 <= y0:
        return first
    closer = _native.resize_bilinear(crop_map, x1 - x0, y1 - y0)
    margin = MARGIN / (1 + 2 * MARGIN) * max(x1 - x0, y1 - y0) / 2
    weight = np.outer(
        _ramp(y1 - y0, margin, top > 0, bottom < size[1]),
        _ramp(x1 - x0, margin, left > 0, right < size[0]),
    )
    part = merged[y0:y1, x0:x1]
    part += np.float32(0.5) * weight * (closer - part)
    return merged


def _ramp(length: int, margin: float, at_start: bool, at_end: bool) -> Map:
    """Return 1, falling to 0 over `margin` at those ends that lie within the frame."""
    place = np.arange(length, dtype=np.float32) + np.float32(0.5)
    ramp = np.ones(length, np.float32)
    if at_start:
        ramp = np.minimum(ramp, place / np.float32(max(margin, 1.0)))
    if at_end:
        ramp = np.minimum(ramp, place[::-1] / np.float32(max(margin, 1.0)))
    return ramp
