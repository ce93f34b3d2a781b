"""Samples of 16 bits, and the files that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.native.reference.blend import blend
from tests.native.reference.light import to_linear, to_srgb


def to_bytes(samples: NDArray[Any]) -> NDArray[np.uint8]:
    """The nearest of 8 bits; 257 is odd, so that there are no halves."""
    return np.floor(np.asarray(samples, np.float64) / 257 + 0.5).astype(np.uint8)


def mixed(
    front: NDArray[Any], back: NDArray[Any], alpha: NDArray[Any], linear: bool
) -> NDArray[np.float64]:
    """alpha F + (1 - alpha) B, n x 3, mixed in light or as sRGB; B is cut to 0..255."""
    back = np.clip(np.asarray(back, np.float64), 0, 255)
    if not linear:
        return blend(front, back, alpha)
    return to_srgb(blend(to_linear(front), to_linear(back), alpha))


def unfilter(filtered: NDArray[np.uint8], above: NDArray[np.uint8], pixel: int) -> NDArray[Any]:
    """PNG specification, third edition, clause 9: byte by byte."""
    out = []
    for row in filtered.astype(int):
        kind = row[0]
        line: list[int] = []
        for i, byte in enumerate(row[1:]):
            left = line[i - pixel] if i >= pixel else 0
            up = int(above[i])
            corner = int(above[i - pixel]) if i >= pixel else 0
            guess = left + up - corner
            # Of equals the first, as the specification wants.
            nearest = min((left, up, corner), key=lambda value: abs(guess - value))
            predicted = (0, left, up, (left + up) // 2, nearest)[kind]
            line.append((byte + predicted) % 256)
        above = np.array(line, np.uint8)
        out.append(above)
    return np.array(out)
