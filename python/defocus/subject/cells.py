"""The grid of cells on which a mask is edited: colours, contrast, and the minimum cut.

The cells are those of the guided filter, about 340 to 680 along the long edge.  So a mask that was
not changed gives the same matte, to the bit.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.forks import unforked
from defocus.pixels.lab import lab
from defocus.pixels.samples import Pixels

__all__ = ["Cells", "Fixed", "Labels"]

Labels = NDArray[np.bool_]  # h x w: True is subject
Fixed = NDArray[np.int8]  # h x w: 1 must be subject, -1 background, 0 either
Map = NDArray[np.float32]

_UNIT = 100  # of the integer costs, in a nat
_CONTRAST = 25.0  # nats that a border costs where the photograph is even
_DETAIL, _TEXTURE = 1.0, 2.0  # sigmas, in cells
_MOST_TEXTURE = 40.0
_SHADES, _ROUGHNESS = 12, 6.0  # what counts as one colour: so many 8-bit values, so much texture
_SHARPEST = 8.0  # an edge, in means; what is sharper, as in a drawing, counts for no more
_CUT_BYTES = 72  # that a cut takes for a cell: capacities, trees and queues
_EDGES = 5.0  # how much longer a path across an edge of mean strength is than one along it


class Cells:
    """The cells of one photograph.  All of it is read-only, but for the cut, which has a lock.

    Parameters
    ----------
    pixels
        The photograph, uint8 or uint16, H x W x 3.

    Attributes
    ----------
    side : int
        Pixels along a cell.
    shape : tuple of int
        Rows and columns of cells.
    palette : numpy.ndarray
        float64 4 x N: L*, a*, b* and texture of the distinct colours.
    index : numpy.ndarray
        h x w: the column of the palette that each cell has.
    """

    def __init__(self, pixels: Pixels) -> None:
        nothing = np.zeros((1, 1), np.float32)
        planes, _, self.side = _native.matte_cells(pixels, nothing)
        colours = np.ascontiguousarray(np.moveaxis(planes, 0, 2))
        self.shape = (colours.shape[0], colours.shape[1])
        shades = lab(colours)
        even = lab(_native.gaussian_blur(colours, _DETAIL))
        texture = _texture(np.ascontiguousarray(shades[..., 0]))
        self.palette, self.index = _palette(colours, even, texture)
        self.steps = _steps(even)
        self._cut = _native.GridCut(_weights(colours))
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """About the bytes that they hold, with the flow of the cut."""
        arrays = (self.palette, self.index, self.steps)
        held = sum(int(array.nbytes) for array in arrays)
        return held + _CUT_BYTES * int(self.index.size)

    def at(self, map_: Map, pixels: Pixels) -> Map:
        """The map (any size, 0..1) at the cells, as the guided filter interpolates it."""
        return _native.matte_cells(pixels, np.ascontiguousarray(map_))[1]

    def at_part(self, map_: Map, region: tuple[int, int, int, int]) -> Map:
        """The map of a region (left, top, right, bottom) at the cells, 0 outside of it."""
        left, top, right, bottom = region
        x, y = self.centres()
        across, down = (x >= left) & (x < right), (y >= top) & (y < bottom)
        rows = _between(map_, (y[down] - top) / (bottom - top))
        part = _between(rows.T, (x[across] - left) / (right - left)).T
        whole = np.zeros(self.shape, np.float32)
        whole[np.ix_(down, across)] = part
        return whole

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x of each column and y of each row, in pixels of the photograph."""
        rows, columns = self.shape
        x, y = ((np.arange(count, dtype=np.float64) + 0.5) * self.side for count in (columns, rows))
        return x, y

    def counts(self, where: Labels) -> NDArray[np.float64]:
        """How often each colour of the palette occurs there."""
        found = np.bincount(self.index[where], minlength=self.palette.shape[1])
        return found.astype(np.float64)

    def divide(self, evidence: NDArray[np.float64], fixed: Fixed) -> Labels:
        """The cheapest division, given the log-odds of "subject" in each cell."""
        costs = np.rint(evidence * _UNIT).astype(np.int32)
        costs[fixed > 0] = _native.GridCut.HARD
        costs[fixed < 0] = -_native.GridCut.HARD
        with unforked, self._lock:  # a child could not release the lock
            return self._cut.solve(costs).astype(np.bool_)

    def distances(self, seeds: Labels, farthest: float) -> Map:
        """The cheapest paths to a seed as shares of the long edge, infinity beyond `farthest`.

        Edges of the photograph make a path longer.
        """
        return _native.geodesic_distances(self.steps, seeds.astype(np.uint8), farthest)


def _between(rows: Map, places: NDArray[np.float64]) -> Map:
    """Rows interpolated at places 0..1 of the height."""
    at = np.clip(places * len(rows) - 0.5, 0, len(rows) - 1)
    above = at.astype(np.intp)
    below = np.minimum(above + 1, len(rows) - 1)
    weight = (at - above).astype(np.float32)[:, np.newaxis]
    return np.asarray(rows[above] * (1 - weight) + rows[below] * weight, np.float32)


def _texture(lightness: Map) -> Map:
    """Twice the standard deviation of lightness around each cell."""
    mean = _native.gaussian_blur(lightness, _TEXTURE)
    square = _native.gaussian_blur(lightness * lightness, _TEXTURE)
    spread = 2 * np.sqrt(np.maximum(square - mean * mean, 0))
    return np.asarray(np.minimum(spread, _MOST_TEXTURE), np.float32)


def _palette(colours: Map, even: Map, texture: Map) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The mean of all cells whose colour and texture fall into the same box, and its index."""
    red, green, blue = (colours[..., k].astype(np.int64) // _SHADES for k in range(3))
    rough = (texture / _ROUGHNESS).astype(np.int64)
    keys = ((rough << 8 | red) << 8 | green) << 8 | blue
    _, index = np.unique(keys.ravel(), return_inverse=True)
    held = np.bincount(index)
    channels = [even[..., 0], even[..., 1], even[..., 2], texture]
    sums = [np.bincount(index, channel.ravel().astype(np.float64)) for channel in channels]
    return np.stack(sums) / held, index.reshape(texture.shape)


def _steps(even: Map) -> Map:
    """The cost of a step through each cell; the mean is about that of a step in an even area."""
    slopes = np.zeros(even.shape[:2], np.float32)
    for axis in (0, 1):
        if even.shape[axis] > 1:
            slopes += np.square(np.gradient(even, axis=axis)).sum(axis=2, dtype=np.float32)
    edges = np.sqrt(slopes)
    relative = np.minimum(edges / max(float(edges.mean(dtype=np.float64)), 1e-6), _SHARPEST)
    longest = max(even.shape[:2]) * (1 + 0.3 * _EDGES)
    return np.ascontiguousarray((1 + _EDGES * relative) / longest, np.float32)


def _weights(colours: Map) -> NDArray[np.int32]:
    """The cost of a border between neighbours: right, lower right, lower, lower left.

    exp(-beta d^2) of their colours, divided by their distance (Boykov and Jolly 2001, "Interactive
    graph cuts"; beta as in Rother et al. 2004, "GrabCut").
    """
    rows, columns = colours.shape[:2]
    squares = np.zeros((rows, columns, 4), np.float32)
    inside = np.zeros((rows, columns, 4), np.bool_)
    for k, (down, across) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        here = np.s_[: rows - down, max(0, -across) : columns - max(0, across)]
        there = np.s_[down:, max(0, across) : columns - max(0, -across)]
        squares[..., k][here] = np.square(colours[here] - colours[there]).sum(axis=2)
        inside[..., k][here] = True
    mean = float(squares[inside].mean(dtype=np.float64)) if inside.any() else 0.0
    costs = np.exp(-squares / (2 * mean + 1e-6)) * (_CONTRAST * _UNIT)
    costs[..., 1::2] *= np.float32(0.5**0.5)
    return np.asarray(np.rint(costs * inside), np.int32)
