"""8-bit values (0..255) and 16-bit samples (0..65535); 257 times the first is the second."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.threads import effective_threads

__all__ = ["SCALE_TO_16", "Pixels", "Samples16", "full_scale", "like", "to_bytes"]

Samples16: TypeAlias = NDArray[np.uint16]
Pixels: TypeAlias = NDArray[np.uint8 | np.uint16]

SCALE_TO_16 = 257  # 65535 / 255


def full_scale(dtype: np.dtype[Any]) -> int:
    """Return the sample of white or opaque: 255 or 65535."""
    return 255 if dtype == np.uint8 else 65535


def to_bytes(pixels: Pixels, threads: int | None = None) -> NDArray[np.uint8]:
    """Round samples to 8-bit values; uint8 pixels are returned as they are.

    >>> to_bytes(np.array([0, 128, 129, 65535], np.uint16)).tolist()
    [0, 0, 1, 255]
    """
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return _native.to_bytes(np.ascontiguousarray(pixels), threads=effective_threads(threads))


def like(pixels: Pixels, dtype: np.dtype[Any]) -> Pixels:
    """Return the same samples as `dtype`, uint8 or uint16.

    >>> like(np.array([0, 255], np.uint8), np.dtype(np.uint16)).tolist()
    [0, 65535]
    """
    if pixels.dtype == dtype:
        return pixels
    if dtype == np.uint8:
        return to_bytes(pixels)
    return np.asarray(pixels * np.uint16(SCALE_TO_16), np.uint16)
