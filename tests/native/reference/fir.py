"""Symmetric FIRs, given by the middle tap and one half, as plain weighted sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def whole(taps: NDArray[Any]) -> NDArray[np.float64]:
    """All 2 radius + 1 taps."""
    half = np.asarray(taps, np.float64)
    return np.concatenate([half[:0:-1], half])


def fir_columns(rows: NDArray[Any], taps: NDArray[Any]) -> NDArray[np.float64]:
    """Output row j: the weighted sum of 2 radius + 1 rows from the j-th on."""
    weights, wide = whole(taps), np.asarray(rows, np.float64)
    count = len(rows) - len(weights) + 1
    return np.stack([weights @ wide[j : j + len(weights)] for j in range(count)])


def fir_row(row: NDArray[Any], taps: NDArray[Any], channels: int) -> NDArray[np.float64]:
    """Along a flat row whose neighbours lie `channels` apart; only where all are inside."""
    weights = whole(taps)
    n = len(row) - channels * (len(weights) - 1)
    wide = np.asarray(row, np.float64)
    return np.asarray(sum(w * wide[k * channels : k * channels + n] for k, w in enumerate(weights)))
