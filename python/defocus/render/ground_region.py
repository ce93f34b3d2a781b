"""Which cells are ground: what continues the ground below the feet without an edge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.pixels.lab import lab
from defocus.pixels.percentiles import median, percentile

__all__ = ["Feet", "find", "upper_end"]

Map = NDArray[np.float32]
Inside = NDArray[np.bool_]

# Sigmas of the local colour, in cells.  A shadow changes the lightness most, which counts less.
_DETAIL, _SURROUNDINGS = 1.0, 4.0
_LIGHTNESS = 0.5
# The ground right below the feet, as a share of the height of the subject and in cells.
_BELOW, _LEAST_ROWS, _LEAST_CELLS = 0.06, 4, 8
_GAP = 2
# The cost of a step on even ground, for each usual edge, and for each usual difference of colour.
_STEP, _EDGE, _COLOUR = 0.001, 0.25, 0.02
_USUAL, _LEAST_EDGE, _LEAST_COLOUR = 90, 1.0, 4.0
_FREE_EDGES, _FREE_COLOURS = 1.5, 2.0
_BARRIER = 10.0
# Paths up to the first length are ground; from the second on they are not.
_CERTAIN, _FARTHEST = 0.5, 1.0
_SMOOTHING = 1.5
# The least share of ground below the feet and on each side, the greatest at the top of the image.
_LEAST_BELOW, _LEAST_SIDE, _MOST_ABOVE = 0.8, 0.6, 0.1
# The most by which the colour beside the feet differs from that below them.
_MOST_APART = 12.0
# On even ground the strong edges are at most so many times the median.  Things have stronger ones.
_MOST_UNEVEN, _LEAST_MEDIAN = 4.0, 0.5
# The ground ends above the first row of which so much is ground.
_WIDE = 0.15


class Feet(NamedTuple):
    """Where a subject stands, in rows and columns of cells.

    `top` is the first row of the subject.  `far` and `near` are the rows of its farthest and
    nearest foot.  `columns` are those that stand, and `rows` the lowest cell of each.
    """

    top: int
    far: int
    near: int
    columns: NDArray[np.intp]
    rows: NDArray[np.intp]

    @property
    def height(self) -> int:
        """The rows of the subject."""
        return self.near + 1 - self.top


def find(colours: Map, subject: Map, feet: Feet) -> Map | None:
    """Return how much of each cell is ground, 0..1, or None if it is in doubt.

    `colours` are h x w x 3, 0..255.  `subject` is the share of the subject, h x w.
    """
    inside = subject >= 0.5
    free = np.clip(1.0 - subject, 0.0, 1.0).astype(np.float32)
    shades = lab(colours)
    shades[..., 0] *= np.float32(_LIGHTNESS)
    seeds = _below_the_feet(inside, feet)
    if seeds.sum() < _LEAST_CELLS:
        return None
    detail, surroundings = (_local(shades, free, sigma) for sigma in (_DETAIL, _SURROUNDINGS))
    edges = _edges(detail)
    if not (_is_even(edges[seeds]) and _is_alike(surroundings, seeds, inside, feet)):
        return None
    costs = _costs(edges, surroundings, seeds)
    costs[inside] = _BARRIER
    distances = _native.geodesic_distances(costs, seeds.astype(np.uint8), _FARTHEST)
    ground = np.clip((_FARTHEST - distances) / (_FARTHEST - _CERTAIN), 0.0, 1.0)
    outside = np.where(inside, np.float32(0.0), free)
    ground = _local(ground[..., np.newaxis], outside, _SMOOTHING)[..., 0]
    return ground if _is_plausible(ground, ~inside, feet) else None


def upper_end(ground: Map) -> int:
    """The first row of which much is ground."""
    wide = np.flatnonzero((ground >= 0.5).mean(axis=1) >= _WIDE)
    return int(wide[0]) if wide.size else ground.shape[0]


def _below_the_feet(inside: Inside, feet: Feet) -> Inside:
    depth = max(_LEAST_ROWS, round(_BELOW * feet.height))
    found = np.zeros_like(inside)
    for k in range(_GAP, _GAP + depth):
        found[np.minimum(feet.rows + k, len(inside) - 1), feet.columns] = True
    return found & ~inside


def _edges(detail: Map) -> Map:
    """How much the colour changes from cell to cell."""
    slopes = np.zeros(detail.shape[:2], np.float32)
    for axis in (0, 1):
        slopes += np.square(np.gradient(detail, axis=axis)).sum(axis=2, dtype=np.float32)
    return np.sqrt(slopes)


def _is_even(edges: Map) -> bool:
    usual, middle = (percentile(edges.ravel(), percent) for percent in (_USUAL, 50))
    return usual <= _MOST_UNEVEN * max(middle, _LEAST_MEDIAN)


def _is_alike(surroundings: Map, seeds: Inside, inside: Inside, feet: Feet) -> bool:
    """Whether the colours on both sides of the feet are those below them."""
    centre = median(surroundings[seeds])
    beside = [surroundings[part][~inside[part]] for part in _beside(feet)]
    means = [part.mean(axis=0, dtype=np.float64) for part in beside if part.size]
    return all(float(np.linalg.norm(mean - centre)) <= _MOST_APART for mean in means)


def _costs(edges: Map, surroundings: Map, seeds: Inside) -> Map:
    """The cost of a step through each cell: edges and colours that are not usual at the seeds."""
    centre = median(surroundings[seeds])
    apart = np.sqrt(np.square(surroundings - centre).sum(axis=2, dtype=np.float32))
    costs = np.full(seeds.shape, _STEP, np.float32)
    for values, least, without_cost, cost in (
        (edges, _LEAST_EDGE, _FREE_EDGES, _EDGE),
        (apart, _LEAST_COLOUR, _FREE_COLOURS, _COLOUR),
    ):
        usual = np.float32(max(percentile(values[seeds], _USUAL), least))
        costs += cost * np.maximum(values / usual - without_cost, 0.0)
    return np.asarray(np.minimum(costs, np.float32(_BARRIER)), np.float32)


def _local(values: Map, weights: Map, sigma: float) -> Map:
    """Weighted local means of h x w x n values."""
    sums = np.maximum(_native.gaussian_blur(np.ascontiguousarray(weights), sigma), 1e-4)
    means = [
        _native.gaussian_blur(np.ascontiguousarray(values[..., k] * weights, np.float32), sigma)
        for k in range(values.shape[2])
    ]
    return np.asarray(np.stack(means, axis=2) / sums[..., np.newaxis], np.float32)


def _beside(feet: Feet) -> tuple[tuple[slice, slice], ...]:
    """The rows and columns on both sides of the feet."""
    first, last = int(feet.columns[0]), int(feet.columns[-1]) + 1
    reach = max(last - first, feet.height // 2)
    rows = slice(feet.far, feet.near + 1 + max(2, feet.height // 10))
    return (rows, slice(max(0, first - reach), first)), (rows, slice(last, last + reach))


def _is_plausible(ground: Map, outside: Inside, feet: Feet) -> bool:
    """Whether it goes on below and on both sides of the feet, and ends below the upper frame."""
    below = ground[feet.near + 1 :, feet.columns[0] : feet.columns[-1] + 1]
    beside = [ground[part][outside[part]] for part in _beside(feet)]
    return (
        float(below.mean()) >= _LEAST_BELOW
        and all(part.size > 0 and float(part.mean()) >= _LEAST_SIDE for part in beside)
        and float(ground[: max(2, feet.top // 3)].mean()) <= _MOST_ABOVE
    )
