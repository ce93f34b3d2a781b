"""The rows of a PNG, filtered byte by byte (PNG specification, third edition, clause 9)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SUB, UP = 1, 2
SHARED = 8  # rows with one filter


def stored(image: NDArray[Any]) -> NDArray[np.uint8]:
    """The samples of each row as bytes, the high byte first."""
    rows = [
        sample.to_bytes(image.dtype.itemsize, "big")
        for sample in image.reshape(-1).tolist()  # in the order of rows, pixels and channels
    ]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(image), -1)


def size(differences: NDArray[np.float64]) -> float:
    """The sum of the sizes of differences of bytes, each taken as -128 to 127."""
    wrapped = (differences + 128) % 256 - 128
    return float(np.abs(wrapped).sum())


def filter_rows(image: NDArray[Any], first: int, last: int) -> NDArray[np.uint8]:
    """Rows `first` to `last` - 1, each after the number of its filter."""
    rows = stored(image).astype(np.float64)
    pixel = image.itemsize * (image.shape[2] if image.ndim == 3 else 1)
    out: list[list[float]] = []
    for y in range(first, last):
        above = rows[y - 1] if y > 0 else np.zeros_like(rows[0])
        left = np.concatenate([np.zeros(pixel), rows[y][:-pixel]])
        if (y - first) % SHARED == 0:
            kind = SUB if 11 * size(rows[y] - left) < 10 * size(rows[y] - above) else UP
        guess = left if kind == SUB else above
        out.append([kind, *((rows[y] - guess) % 256)])
    return np.array(out).astype(np.uint8)
