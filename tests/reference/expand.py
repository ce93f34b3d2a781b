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


def mixed_taps(weights: NDArray[Any], taps: NDArray[Any]) -> NDArray[np.float64]:
    """What each of four rows contributes to a pixel: its tap times its weight, as a share."""
    shares = np.asarray(taps, np.float64)[:, np.newaxis] * np.asarray(weights, np.float64)
    return np.asarray(shares / shares.sum(axis=0))
