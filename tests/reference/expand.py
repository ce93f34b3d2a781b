"""Interpolation on the way up, tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def expand(row: NDArray[Any], taps: NDArray[Any], step: int, n: int) -> NDArray[np.float64]:
    """Sample i from the four neighbours that start at i // step, with the taps of its phase."""
    wide, t = np.asarray(row, np.float64), np.asarray(taps, np.float64)
    phase, cell = np.arange(n) % t.shape[1], np.arange(n) // step
    return np.asarray(sum(t[k, phase] * wide[cell + k] for k in range(4)))


def spline_normalised(rows: NDArray[Any], taps: NDArray[Any], width: int) -> NDArray[np.float64]:
    """Colour over weight, of (4 rows, 4 planes, stride) weighed by four taps."""
    total = np.tensordot(np.asarray(taps, np.float64), np.asarray(rows, np.float64), axes=1)
    return np.asarray(total[:3, :width] / total[3, :width])
