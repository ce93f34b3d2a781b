"""The prefilter on the way down, by sums over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def window_sums(rows: NDArray[Any], factors: NDArray[Any]) -> NDArray[np.float64]:
    """Three weighted sums of rows: factors[w] weighs 1, k and k (k + 1) / 2, k = rows .. 1."""
    k = np.arange(len(rows), 0, -1, dtype=np.float64)
    basis = np.stack([np.ones_like(k), k, k * (k + 1) / 2])
    return np.asarray(np.asarray(factors, np.float64) @ basis @ np.asarray(rows, np.float64))


def halve(row: NDArray[Any]) -> NDArray[np.float64]:
    """Binomial weights 1 3 3 1 at every second sample."""
    wide = np.asarray(row, np.float64)
    return np.convolve(wide, [0.125, 0.375, 0.375, 0.125], "valid")[::2]
