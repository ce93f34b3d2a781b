"""What of a picture is background, and a blurred background by its weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.native.reference.light import to_linear, to_srgb


def background(
    pixels: NDArray[Any], alpha: NDArray[Any], linear: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(1 - alpha) I, of light or of sRGB values, and 1 - alpha; all 0..1, alpha n, I n x 3."""
    weight = 1.0 - np.asarray(alpha, np.float64)
    values = to_linear(pixels) if linear else np.asarray(pixels, np.float64) / 255.0
    return weight[:, np.newaxis] * values, weight


def normalise(planes: NDArray[Any], linear: bool) -> NDArray[np.float64]:
    """Three planes over a fourth, 0..255, not rounded; 0 / 0 is 0, a share beyond 1 is 1."""
    wide = np.asarray(planes, np.float64)
    share = np.divide(wide[:3], wide[3], out=np.zeros_like(wide[:3]), where=wide[3] > 0)
    share = np.minimum(share, 1.0)
    return to_srgb(share) if linear else 255.0 * share
