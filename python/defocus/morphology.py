"""Growing and shrinking of masks by squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["grown", "shrunk"]

Mask = NDArray[np.bool_]


def grown(mask: Mask, radius: int) -> Mask:
    """The mask (h x w) and all within `radius` pixels of it, across and down.

    >>> int(grown(np.eye(9, dtype=bool)[4:5], 2).sum())
    5
    """
    for axis in (0, 1):
        sums = np.cumsum(mask, axis=axis, dtype=np.int32)
        sums = np.insert(sums, 0, 0, axis=axis)
        last = np.arange(mask.shape[axis])
        high = np.minimum(last + radius + 1, mask.shape[axis])
        low = np.maximum(last - radius, 0)
        mask = sums.take(high, axis) > sums.take(low, axis)
    return mask


def shrunk(mask: Mask, radius: int) -> Mask:
    """What of the mask has no pixel outside it within `radius`; it goes on beyond the frame."""
    return ~grown(~mask, radius)
