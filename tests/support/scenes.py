"""Drawn photographs whose truth is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def textured(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """A busy background: blurring it shows."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def person(height: int = 240, width: int = 320) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A figure, head and shoulders, before a striped wall; and where it is (0 or 255)."""
    y, x = np.mgrid[:height, :width]
    head = np.hypot(x - width / 2, y - height * 0.35) < height * 0.17
    body = ((x - width / 2) / (width * 0.22)) ** 2 + ((y - height) / (height * 0.48)) ** 2 < 1
    matte = np.where(head | body, 255, 0).astype(np.uint8)
    wall = 60 + 20 * np.sin(x / 9.0)[..., np.newaxis] + np.zeros(3)
    image = np.where(matte[..., np.newaxis] > 0, np.array([220, 170, 140.0]), wall)
    image[body & ~head] = (190, 40, 40)
    return image.astype(np.uint8), matte
