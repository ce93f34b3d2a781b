"""Arrays between guard samples, to see that a kernel writes where it should and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

PAD = 67  # odd, so that the guarded rows are not aligned to any vector
PATTERN = 0xA5


class Guarded:
    """`view` is the array to hand out; `intact()` tells whether its surroundings are untouched."""

    def __init__(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> None:
        count = int(np.prod(shape))
        item = np.dtype(dtype).itemsize
        self._bytes = np.full((count + 2 * PAD) * item, PATTERN, np.uint8)
        self._inside = slice(PAD * item, (PAD + count) * item)
        self.view: NDArray[Any] = self._bytes[self._inside].view(dtype).reshape(shape)

    def intact(self) -> bool:
        outside = np.delete(self._bytes, self._inside)
        return bool((outside == PATTERN).all())


def readable_beyond(samples: NDArray[Any]) -> NDArray[Any]:
    """A copy along the last axis of which kernels may read 8 samples too far, finding junk."""
    beyond = np.full((*samples.shape[:-1], 8), 12345, samples.dtype)
    return np.concatenate([samples, beyond], axis=-1)


def untouched(samples: NDArray[Any]) -> bool:
    """Whether samples of a guarded array still hold the pattern."""
    return bool((np.ascontiguousarray(samples).view(np.uint8) == PATTERN).all())
