"""Interleaved pixels, planes, and rounding to bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Nearest byte, halves up, clamped; NaN is 0."""
    clean = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=255.0, neginf=0.0)
    return np.floor(np.clip(clean, 0.0, 255.0) + 0.5).astype(np.uint8)
