"""Brush strokes of a person -> an edited map: what is kept, and what is removed.

The map is edited before its refinement, which then follows the photograph's edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.errors import OptionError
from defocus.options.stroke import Stroke

__all__ = ["edited"]

Map = NDArray[np.float32]
_LONGEST = 1024  # pixels of the edited map's longer side
_MOST_WORK = 1 << 29  # pixels of all segments: a few seconds


def edited(raw: Map, size: tuple[int, int], strokes: Sequence[Stroke]) -> Map:
    """The map (h x w, 0..1) of a photograph of `size` after all strokes, in their order.

    The map is enlarged to a longer side of up to 1024 pixels, so that a fine brush leaves its
    trace.  Raises OptionError for more strokes than can be painted in some seconds.
    Without strokes it is `raw` itself.

    >>> dot = Stroke(mode="keep", radius=3, softness=0, points=[(5, 5)])
    >>> after = edited(np.zeros((8, 8), np.float32), (16, 16), [dot])
    >>> after.shape, float(after[5, 5]), float(after[12, 12])
    ((16, 16), 1.0, 0.0)
    """
    if not strokes:
        return raw
    scale = min(1.0, _LONGEST / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    after = _native.resize_bilinear(np.ascontiguousarray(raw), width, height)
    left = _MOST_WORK
    for stroke in strokes:
        left -= _paint(after, stroke, width / size[0], left)
    return np.clip(after, np.float32(0), np.float32(1), out=after)


def _paint(map_: Map, stroke: Stroke, scale: float, most: int) -> int:
    """Change the map where the stroke is, by the nearest of its segments.

    Gives how many pixels had to be looked at, and raises OptionError above `most`.
    """
    radius = max(stroke.radius * scale, 0.5)
    points = _thinned(np.array(stroke.points, np.float64) * scale, radius / 8)
    height, width = map_.shape
    left, top = (max(0, math.floor(v - radius)) for v in points.min(axis=0))
    right, bottom = (math.ceil(v + radius) + 1 for v in points.max(axis=0))
    part = map_[top : min(bottom, height), left : min(right, width)]
    if part.size == 0:
        return 0
    square = np.full(part.shape, np.inf, np.float32)
    origin = np.array([left + 0.5, top + 0.5])
    ends = points[1:] if len(points) > 1 else points
    work = 0
    for start, end in zip(points, ends, strict=False):
        work += _nearer(square, start - origin, end - origin, radius)
        if work > most:
            raise OptionError("the strokes are too long and too wide; use fewer points")
    distance = np.sqrt(square)
    soft = max(stroke.softness * radius, 0.5)
    strength = np.clip((radius - distance) / soft, 0.0, 1.0).astype(np.float32)
    if stroke.mode == "keep":
        np.maximum(part, strength, out=part)
    else:
        np.minimum(part, 1 - strength, out=part)
    return work


def _thinned(points: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """The points without those that are nearer than `least` to the one before; with both ends."""
    kept = [points[0]]
    for point in points[1:-1]:
        if math.hypot(*(point - kept[-1])) >= least:
            kept.append(point)
    return np.array([*kept, points[-1]] if len(points) > 1 else kept)


def _nearer(
    square: NDArray[np.float32], start: NDArray[np.float64], end: NDArray[np.float64], radius: float
) -> int:
    """Lower squared distances to those from one segment, where that is within `radius`.

    Gives the number of pixels there.
    """
    low = np.floor(np.minimum(start, end) - radius).astype(int).clip(0)
    high = np.ceil(np.maximum(start, end) + radius).astype(int) + 1
    part = square[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
    if part.size == 0:
        return 0
    y = np.arange(low[1], low[1] + part.shape[0], dtype=np.float32)[:, np.newaxis] - start[1]
    x = np.arange(low[0], low[0] + part.shape[1], dtype=np.float32) - start[0]
    along = end - start
    length = float(along @ along)
    share = np.clip((x * along[0] + y * along[1]) / length, 0, 1) if length else np.float64(0)
    distance = (x - share * along[0]) ** 2 + (y - share * along[1]) ** 2
    np.minimum(part, distance.astype(np.float32), out=part)
    return part.size
