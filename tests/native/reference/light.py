"""sRGB values and the light they stand for, after IEC 61966-2-1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_linear(value: NDArray[Any]) -> NDArray[np.float64]:
    """8-bit value 0..255 to light 0..1."""
    x = np.asarray(value, np.float64) / 255.0
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def to_srgb(light: NDArray[Any]) -> NDArray[np.float64]:
    """Light 0..1 to 8-bit value 0..255, not rounded."""
    x = np.clip(np.asarray(light, np.float64), 0.0, 1.0)
    return 255.0 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
