"""The cells that a mark means: those under a brush, and what is alike around a point."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from defocus.errors import OptionError
from defocus.pixels.regions import grown
from defocus.subject.cells import Cells, Labels

__all__ = ["around", "brushed"]

# Around a point, what is alike is marked too, and at least a few cells: the guided filter would
# swallow a single one.
_POINT = 0.012  # as a path, which edges make longer; a share of the long edge
_FEW, _AT_LEAST = 16, 2  # where fewer cells are alike, all that are so near count


def around(cells: Cells, points: Labels) -> Labels:
    """The cells of points, with what is alike around them."""
    if not points.any():
        return points
    alike = grown(points, 1) | np.isfinite(cells.distances(points, _POINT))
    alone = np.zeros_like(points)
    for row, column in np.argwhere(points):
        top, left = max(0, row - _AT_LEAST), max(0, column - _AT_LEAST)
        near = alike[top : row + _AT_LEAST + 1, left : column + _AT_LEAST + 1]
        alone[row, column] = near.sum() < _FEW
    return np.asarray(alike | grown(alone, _AT_LEAST))


def brushed(
    cells: Cells, points: Sequence[tuple[float, float]], radius: float, most: int
) -> tuple[Labels, int]:
    """The cells under a round brush that went through points (x, y), and how much work it was.

    Points and radius are in pixels of the photograph.  A thin brush marks at least the cells that
    it crosses.  The work is the cells of all segments.  Raises OptionError if it exceeds `most`.
    """
    marked = np.zeros(cells.shape, np.bool_)
    radius = max(radius / cells.side, math.sqrt(0.5))
    places = [(x / cells.side - 0.5, y / cells.side - 0.5) for x, y in points]
    work = 0
    start = places[0]
    for number, end in enumerate(places):
        if 0 < number < len(places) - 1 and math.dist(start, end) < radius / 8:
            continue
        work += _mark(marked, start, end, radius)
        if work > most:
            raise OptionError("the strokes are too long and too wide; use fewer points")
        start = end
    return marked, work


def _mark(
    marked: Labels, start: tuple[float, float], end: tuple[float, float], radius: float
) -> int:
    """Mark the cells within `radius` of a segment, and give how many were looked at."""
    low = [max(0, math.floor(min(pair) - radius)) for pair in zip(start, end, strict=True)]
    high = [max(0, math.ceil(max(pair) + radius) + 1) for pair in zip(start, end, strict=True)]
    part = marked[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return 1
    y = np.arange(part.shape[0], dtype=np.float64)[:, np.newaxis] + (low[1] - start[1])
    x = np.arange(part.shape[1], dtype=np.float64) + (low[0] - start[0])
    across, down = end[0] - start[0], end[1] - start[1]
    square = across * across + down * down
    share = np.clip((x * across + y * down) / square, 0, 1) if square else np.float64(0)
    part |= (x - share * across) ** 2 + (y - share * down) ** 2 <= radius * radius
    return int(part.size)
