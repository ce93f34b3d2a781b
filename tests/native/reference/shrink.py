"""A photograph at the network's size, as the network wants it: the slow, obvious way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def weights(source: int, target: int) -> NDArray[np.float64]:
    """Row i has what each source sample weighs in target sample i.

    A triangle as wide as the scale, at least one sample, around the target's centre, of sum 1.
    """
    scale = source / target
    reach = max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale
    away = np.abs(np.arange(source) + 0.5 - centres[:, np.newaxis])
    raw = np.maximum(1 - away / reach, 0)
    return np.asarray(raw / raw.sum(axis=1, keepdims=True))


def shrink(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.float64]:
    """Height x width x 3, 0..255, not rounded."""
    rows = np.einsum("yk,kxc->yxc", weights(image.shape[0], height), image.astype(np.float64))
    return np.asarray(np.einsum("xk,ykc->yxc", weights(image.shape[1], width), rows))


def shrink_planes(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.float64]:
    """3 x height x width, 0..255."""
    return shrink(image, width, height).transpose(2, 0, 1)
