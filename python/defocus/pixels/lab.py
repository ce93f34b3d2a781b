"""CIE L*a*b* (CIE 15) of sRGB colours, in which equal distances look alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.srgb import to_light

__all__ = ["lab"]

_XYZ = np.array(  # of sRGB's primaries, divided by its white (IEC 61966-2-1)
    [
        [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
        [0.2126, 0.7152, 0.0722],
        [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
    ],
    np.float32,
)
_EDGE = (6 / 29) ** 3


def lab(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """L* 0..100, a* and b* of sRGB colours 0..255; both arrays have shape (..., 3).

    >>> lab(np.array([255, 255, 255], np.float32)).round().tolist()
    [100.0, 0.0, 0.0]
    """
    light = to_light(colours / np.float32(255))
    x, y, z = (
        _root(light[..., 0] * row[0] + light[..., 1] * row[1] + light[..., 2] * row[2])
        for row in _XYZ
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _root(share: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(share > _EDGE, np.cbrt(share), share * np.float32(841 / 108) + 4 / 29).astype(
        np.float32
    )
