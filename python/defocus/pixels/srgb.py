"""The sRGB curve (IEC 61966-2-1) between encoded samples and linear light, both 0..1."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARAMETERS", "from_light", "light_of_samples", "to_light"]

_Floats = TypeVar("_Floats", NDArray[np.float32], NDArray[np.float64], NDArray[Any])

# (g, a, b, c, d): light is (a x + b)^g for x >= d, else c x.  This is the order of ICC profiles.
PARAMETERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_LINEAR_BELOW = 0.0031308  # in light


def to_light(encoded: _Floats) -> _Floats:
    """Decode samples 0..1 to linear light 0..1.

    >>> to_light(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.214, 1.0]
    """
    dark = encoded / 12.92
    return np.where(encoded <= 0.04045, dark, ((encoded + 0.055) / 1.055) ** 2.4)


def from_light(light: _Floats) -> _Floats:
    """Encode linear light as samples 0..1.  Negative light is encoded linearly.

    >>> from_light(np.array([0.0, 0.214, 1.0])).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    bright = 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055
    return np.where(light <= _LINEAR_BELOW, 12.92 * light, bright)


def light_of_samples(full: int) -> NDArray[np.float64]:
    """The linear light of each sample from 0 to `full`: a table of full + 1 values."""
    return to_light(np.arange(full + 1) / full)
