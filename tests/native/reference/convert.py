"""Samples of one kind as another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CENTRE = 16320  # of centred Q7: the value 127.5


def to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Nearest byte, halves up, clamped; NaN is 0."""
    clean = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=255.0, neginf=0.0)
    return np.floor(np.clip(clean, 0.0, 255.0) + 0.5).astype(np.uint8)


def to_q7(values: NDArray[Any]) -> NDArray[np.int16]:
    """8-bit values as the nearest centred Q7, halves up; values far outside 0..255 clamped."""
    inside = np.clip(np.asarray(values, np.float64), -60.0, 315.0)
    return np.floor(128.0 * inside - CENTRE + 0.5).astype(np.int16)


def from_q7(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Centred Q7 as 8-bit values, not rounded."""
    return (np.asarray(samples, np.float64) + CENTRE) / 128.0
