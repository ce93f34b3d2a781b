"""From labels of cells to a map: where both agree the map keeps its soft values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.regions import grown, label
from defocus.subject.cells import Labels

__all__ = ["bounds", "hardened", "relabelled", "touching"]

Map = NDArray[np.float32]

_SURELY = 0.6  # the least value of a cell of the subject
_SEAM = 2  # cells around a change, in which the map is made to fit


def bounds(labels: Labels) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) around the labels, of which there is at least one."""
    down, across = np.flatnonzero(labels.any(axis=1)), np.flatnonzero(labels.any(axis=0))
    return int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1


def hardened(map_: Map, labels: Labels) -> Map:
    """The map with every cell on the side of its label; the border is one cell wide."""
    soft = _softened(labels)
    sided = np.where(labels, np.maximum(map_, soft), np.minimum(map_, soft))
    return np.asarray(sided, np.float32)


def relabelled(map_: Map, after: Labels, marked: Labels) -> Map:
    """The map after its labels became `after`; it changes only near changes, and near `marked`.

    >>> soft = np.array([[0.0, 0.2, 0.7, 1.0, 1.0, 1.0, 1.0, 1.0]], np.float32)
    >>> after = soft >= 0.5
    >>> after[0, -1] = False
    >>> relabelled(soft, after, np.zeros_like(after)).round(2).tolist()[0][:5]
    [0.0, 0.20000000298023224, 0.699999988079071, 1.0, 1.0]
    """
    before = map_ >= 0.5
    soft = _softened(after)
    changed: Map = map_.copy()
    rising = grown(after & (~before | marked), _SEAM)
    falling = grown(~after & (before | marked), _SEAM)
    changed[rising] = np.maximum(map_, soft)[rising]
    changed[falling] = np.minimum(changed, soft)[falling]
    return changed


def touching(labels: Labels, seeds: Labels) -> Labels:
    """The connected parts of the labels that touch a seed."""
    numbers, count = label(labels)
    reached = np.zeros(count + 1, np.bool_)
    reached[numbers[grown(seeds, 1)]] = True
    reached[0] = False
    return np.asarray(reached[numbers])


def _softened(labels: Labels) -> Map:
    """The mean of each cell and its eight neighbours, kept on the side of the cell's own label.

    The frame continues its outermost cells.
    """
    padded = np.pad(labels.astype(np.float32), 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    sided = np.where(labels, np.maximum(mean, _SURELY), np.minimum(mean, 1 - _SURELY))
    return np.asarray(sided, np.float32)
