"""Measures of a photograph and its map, from which `warnings` decides on warnings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.percentiles import percentile
from defocus.pixels.regions import grown

__all__ = ["Measures", "doubt", "measure"]

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BINS = 6  # bins of a colour histogram, per channel
_RING = 14  # how far the surroundings reach around the subject, in map pixels
_RIM = 3  # the half width of an edge, in map pixels
_LEAST = 500  # map pixels; percentiles of fewer have no meaning


class Measures(NamedTuple):
    """The measured values.

    Attributes
    ----------
    area : float
        The share of the photograph that is subject, 0..1.
    doubt : float
        The entropy of the map in nats per pixel of the subject; 0 where all is decided.
    histogram_overlap : float
        The overlap of the colour histograms of subject and surroundings, 0..1.
    focus : float
        The finest detail in the subject relative to that in the background.
        It is 1 where there is too little of either.
    cut : tuple of str
        The sides "left", "top" and "right" at which the frame cuts the subject.
    ground : bool
        Whether the subject fills the bottom and reaches up both sides, but not to the top.
        Sand, water and streets do that.
    """

    area: float
    doubt: float
    histogram_overlap: float
    focus: float
    cut: tuple[str, ...]
    ground: bool


def measure(raw: Map, view: Map) -> Measures:
    """Measure a map (h x w, 0..1) with a subject, and its network view (3 x h x w, 0..1)."""
    sure = raw >= 0.5
    count = int(sure.sum())
    around = grown(raw > 0.1, _RIM)
    return Measures(
        area=count / raw.size,
        doubt=doubt(raw),
        histogram_overlap=_histogram_overlap(view, raw > 0.9, grown(sure, _RING) & ~around),
        focus=_focus(view, grown(sure, 1), ~around),
        cut=_cut(sure, count),
        ground=_is_ground(sure),
    )


def doubt(raw: Map) -> float:
    """Return the entropy of a map (h x w, 0..1) in nats per pixel of the subject."""
    p = raw[(raw > 0.01) & (raw < 0.99)].astype(np.float64)
    entropy = float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).sum())
    return entropy / max(int((raw >= 0.5).sum()), 1)


def _histogram_overlap(view: Map, subject: Mask, surroundings: Mask) -> float:
    """Return Bhattacharyya's coefficient of the two colour histograms."""
    if min(subject.sum(), surroundings.sum()) < _LEAST:
        return 0.0
    # Square roots spread the shadows, which hold most values of a photograph.
    bins = np.sqrt(np.clip(view, 0.0, 1.0)) * _BINS
    codes = np.minimum(bins, _BINS - 1).astype(np.intp)
    index = (codes[0] * _BINS + codes[1]) * _BINS + codes[2]
    return float(np.sqrt(_histogram(index[subject]) * _histogram(index[surroundings])).sum())


def _histogram(index: NDArray[np.intp]) -> NDArray[np.float64]:
    counts = np.bincount(index, minlength=_BINS**3).reshape([_BINS] * 3) / index.size
    for axis in range(3):  # a colour near the border of a bin belongs to both
        rows = np.pad(np.moveaxis(counts, axis, 0), [(1, 1), (0, 0), (0, 0)], "edge")
        counts = np.moveaxis(rows[:-2] / 4 + rows[1:-1] / 2 + rows[2:] / 4, 0, axis)
    return counts


def _focus(view: Map, subject: Mask, background: Mask) -> float:
    """Return the ratio of the strongest second derivatives, those of the finest edges.

    The Laplacian is the common measure of focus (Pertuz, Puig and Garcia 2013, "Analysis of focus
    measure operators").  A high percentile is used because large parts of sharp subjects are
    smooth.  The outline of the subject counts: a smooth subject has nothing else.
    """
    luma = np.tensordot(np.array([0.299, 0.587, 0.114], np.float32), view, 1)
    inside, outside = subject[1:-1, 1:-1], background[1:-1, 1:-1]
    if min(inside.sum(), outside.sum()) < _LEAST:
        return 1.0
    laplacian = np.abs(
        4 * luma[1:-1, 1:-1] - luma[:-2, 1:-1] - luma[2:, 1:-1] - luma[1:-1, :-2] - luma[1:-1, 2:]
    )
    finest, beyond = (percentile(laplacian[part], 98) for part in (inside, outside))
    # Less than one or two 8-bit values is noise, or the rounding of a plain wall.
    return finest / beyond if beyond > 0.02 else 1.0


def _cut(sure: Mask, count: int) -> tuple[str, ...]:
    """Return the sides along which the subject touches the frame by a fifth of its own size.

    The bottom does not count.
    """
    least = max(0.2 * np.sqrt(count), 1.0)
    sides = {"left": sure[:, 0], "top": sure[0], "right": sure[:, -1]}
    return tuple(name for name, pixels in sides.items() if pixels.sum() >= least)


def _is_ground(sure: Mask) -> bool:
    sides = min(float(sure[:, 0].mean()), float(sure[:, -1].mean()))
    return bool(sides > 0.35 and sure[-1].mean() > 0.95 and not sure[0].any())
