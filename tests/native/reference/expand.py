"""Interpolation on the way up, tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def spline_taps(step: int) -> NDArray[np.float64]:
    """Cubic B-spline at the middles of `step` equal parts of a cell: (4, step)."""
    t = (np.arange(step) + 0.5) / step
    u = 1.0 - t
    return np.stack(
        [u**3, 3 * t**3 - 6 * t**2 + 4, 3 * u**3 - 6 * u**2 + 4, t**3]
    ) / 6.0  # fmt: skip


def q15(taps: NDArray[Any]) -> NDArray[np.int16]:
    """Taps along axis 0 in Q15; what rounding leaves goes to the largest, so that they sum to 1."""
    rounded = np.round(np.asarray(taps, np.float64) * 32768.0).astype(np.int64)
    left = 32768 - rounded.sum(axis=0)
    largest = rounded.argmax(axis=0)[np.newaxis]
    np.put_along_axis(rounded, largest, np.take_along_axis(rounded, largest, 0) + left, 0)
    return rounded.astype(np.int16)


def expand(row: NDArray[Any], taps: NDArray[Any], step: int, n: int) -> NDArray[np.float64]:
    """Sample i from the four neighbours that start at i // step, with the taps of its phase."""
    wide, t = np.asarray(row, np.float64), np.asarray(taps, np.float64)
    phase, cell = np.arange(n) % t.shape[1], np.arange(n) // step
    return np.asarray(sum(t[k, phase] * wide[cell + k] for k in range(4)))


def expand_centred(
    grid: NDArray[Any], taps: NDArray[Any], step: int, width: int
) -> NDArray[np.float64]:
    """Pixel x, (grid width, channels), of which the row starts in the middle of the first cell."""
    shifted = np.arange(width) + step // 2
    wide, t = np.asarray(grid, np.float64), np.asarray(taps, np.float64)
    phase, cell = shifted % step, shifted // step
    return np.asarray(sum(t[k, phase, np.newaxis] * wide[cell + k] for k in range(4)))
