"""Regions of masks: connected components, growing and shrinking by squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Labels", "grown", "label", "shrunk"]

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]


def grown(mask: Mask, radius: int) -> Mask:
    """Grow the mask (h x w) by `radius` pixels, across and down.

    >>> int(grown(np.eye(9, dtype=bool)[4:5], 2).sum())
    5
    """
    return np.ascontiguousarray(_down(_down(mask, radius).T, radius).T)


def _down(mask: Mask, radius: int) -> Mask:
    """Grow the columns of the mask.

    Windows of 2, 4, 8 ... rows are joined, each from two of half the size, and at last two that
    overlap.
    """
    padded = np.zeros((mask.shape[0] + 2 * radius, mask.shape[1]), np.bool_)
    padded[radius : radius + mask.shape[0]] = mask
    rows, wanted = 1, 2 * radius + 1
    while rows < wanted:
        step = min(rows, wanted - rows)
        padded = padded[:-step] | padded[step:]
        rows += step
    return padded


def shrunk(mask: Mask, radius: int) -> Mask:
    """Shrink the mask by `radius` pixels.  Beyond the frame it counts as continued."""
    return ~grown(~mask, radius)


def label(mask: NDArray[np.bool_], *, diagonal: bool = True) -> tuple[Labels, int]:
    """Number the connected parts of a 2-D mask from 1:  (labels, count).

    Pixels touch at their sides, and with `diagonal` also at their corners.

    Runs of pixels in a row are joined with overlapping runs in the row above until nothing changes.
    Each round links roots to smaller roots, then halves all paths (Shiloach and Vishkin 1982, "An
    O(log n) parallel connectivity algorithm").
    """
    height, width = mask.shape
    padded = np.zeros((height, width + 1), np.int8)
    padded[:, :width] = mask
    steps = np.diff(padded.ravel(), prepend=np.int8(0))
    # Positions in rows of width + 1, so that the runs of two rows never meet.
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    labels = np.zeros(mask.shape, np.int32)
    if starts.size == 0:
        return labels, 0
    parents = _joined(*_touching(starts, ends, width + 1, int(diagonal)), starts.size)
    _, numbers = np.unique(parents, return_inverse=True)
    labels[mask] = np.repeat(numbers.reshape(-1) + 1, ends - starts)
    return labels, int(numbers.max()) + 1


def _touching(
    starts: NDArray[np.intp], ends: NDArray[np.intp], stride: int, slack: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of touching runs; the second run of a pair is in the row above the first.

    `stride` is the width of a row plus one, so that no corner reaches around the frame.
    """
    first = np.searchsorted(ends, starts - stride - slack, side="right")
    last = np.searchsorted(starts, ends - stride + slack, side="left")
    counts = np.maximum(last - first, 0)
    below = np.repeat(np.arange(starts.size), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return below, np.repeat(first, counts) + offsets


def _joined(a: NDArray[np.intp], b: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return the root of each of `count` nodes after all a[i] are joined with b[i]."""
    parents = np.arange(count)
    while True:
        low, high = np.minimum(parents[a], parents[b]), np.maximum(parents[a], parents[b])
        apart = low != high
        if not apart.any():
            return parents
        np.minimum.at(parents, high[apart], low[apart])
        while (parents != parents[parents]).any():
            parents = parents[parents]
