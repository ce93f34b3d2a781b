"""Arrays between guard samples, to see that a kernel writes where it should and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from defocus import _native

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


def written(
    kernel: Callable[..., object],
    isa: str,
    shape: int | tuple[int, ...],
    dtype: DTypeLike,
    *arguments: Any,
) -> NDArray[Any]:
    """What kernel(*arguments, out, isa) writes: nothing around `out`, and the same at any level."""
    out, lowest = Guarded(shape, dtype), Guarded(shape, dtype)
    kernel(*arguments, out.view, isa)
    kernel(*arguments, lowest.view, _native.isa_levels()[0])
    assert out.intact()
    assert out.view.tobytes() == lowest.view.tobytes()
    return out.view


def readable_beyond(samples: NDArray[Any], count: int = 8) -> NDArray[Any]:
    """A copy along the last axis of which kernels may read `count` samples too far: junk."""
    beyond = np.full((*samples.shape[:-1], count), 12345, samples.dtype)
    return np.concatenate([samples, beyond], axis=-1)


def untouched(samples: NDArray[Any]) -> bool:
    """Whether samples of a guarded array still hold the pattern."""
    return bool((np.ascontiguousarray(samples).view(np.uint8) == PATTERN).all())
