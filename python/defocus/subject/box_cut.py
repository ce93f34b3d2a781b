"""The subject in a box of the user: the network's mask if it fills the box, else a minimum cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.options import Box
from defocus.subject.cells import Cells, Labels
from defocus.subject.division import log_odds, settle
from defocus.subject.labels import bounds, hardened

__all__ = ["MARGIN", "Division", "box_cells", "cut", "fills"]

Map = NDArray[np.float32]

# Chosen on the photographs of bench/results/marks.md; docs/decisions/graph-cut.md.
MARGIN = 0.3  # around the box, in which the network runs again, as a share of its sides
_FILLS = 0.87  # overlap of the box and that of the mask, from which the mask is taken
_FITS = 0.75  # the same of a cut that follows the mask
_ROUNDS = 5
_LEAST_BACKGROUND = 0.03  # of the cells; with less, the rim of the box counts as background
_RIM = 2  # cells


class Division(NamedTuple):
    """A map at the cells, 0..1, and what the strokes that follow should know of it."""

    map: Map
    bias: NDArray[np.float64]


def box_cells(cells: Cells, box: Box) -> Labels:
    """The cells whose centre lies in the box (pixels of the photograph); at least one."""
    left, top, right, bottom = box
    x, y = cells.centres()
    across, down = (x >= left) & (x < right), (y >= top) & (y < bottom)
    for chosen, centres, low, high in ((across, x, left, right), (down, y, top, bottom)):
        if not chosen.any():
            chosen[np.abs(centres - (low + high) / 2).argmin()] = True
    return np.asarray(down[:, np.newaxis] & across)


def fills(map_: Map, inside: Labels) -> bool:
    """Whether the subject of a map reaches to all sides of the box."""
    return _overlap((map_ >= 0.5) & inside, inside) >= _FILLS


def cut(cells: Cells, map_: Map, inside: Labels) -> Division:
    """Divide the cells in the box by their colours.

    First the mask counts too.  If the result does not fill the box, the mask is of something else;
    then the middle of the box counts instead.
    """
    start = _start(inside)
    fixed = np.where(inside, 0, -1).astype(np.int8)
    mask, middle = log_odds(map_), _middle(inside)
    for bias, enough in ((0.5 * mask + 0.5 * middle, _FITS), (1.5 * middle, 0.0)):
        labels = settle(cells, start, bias, fixed, rounds=_ROUNDS)
        if _overlap(labels, inside) >= enough:
            break
    return Division(hardened(map_ * inside, labels), bias)


def _start(inside: Labels) -> Labels:
    """All of the box, but for its rim if hardly anything lies outside."""
    if (~inside).sum() >= max(64, _LEAST_BACKGROUND * inside.size):
        return inside
    left, top, right, bottom = bounds(inside)
    within = np.zeros_like(inside)
    within[top + _RIM : bottom - _RIM, left + _RIM : right - _RIM] = True
    return within if within.any() else inside


def _overlap(labels: Labels, inside: Labels) -> float:
    """Intersection over union of the boxes around both; 0 without a subject."""
    if labels.sum() < 4:
        return 0.0
    a, b = bounds(labels), bounds(inside)
    across = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    down = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return across * down / (sum(areas) - across * down)


def _middle(inside: Labels) -> NDArray[np.float64]:
    """1 in the middle of the box, 0 on the ellipse that touches its sides, -1 far outside."""
    left, top, right, bottom = bounds(inside)
    rows, columns = inside.shape
    down = (np.arange(rows) + 0.5 - (top + bottom) / 2) / ((bottom - top) / 2)
    across = (np.arange(columns) + 0.5 - (left + right) / 2) / ((right - left) / 2)
    return np.asarray(np.clip(1 - np.hypot(down[:, np.newaxis], across), -1, 1), np.float64)
