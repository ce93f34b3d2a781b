"""Bilinear resampling by its definition: the mean of the two nearest samples, by distance."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray


@functools.lru_cache
def axis_matrix(source: int, target: int) -> NDArray[np.float64]:
    """Weights (target x source); pixel centres at half-integers, ends held."""
    matrix = np.zeros((target, source))
    for i in range(target):
        position = min(max((i + 0.5) * source / target - 0.5, 0.0), source - 1.0)
        left = int(np.floor(position))
        right = min(left + 1, source - 1)
        matrix[i, left] += 1.0 - (position - left)
        matrix[i, right] += position - left
    return matrix


def resize_bilinear(mask: NDArray[Any], width: int, height: int) -> NDArray[np.float64]:
    """A mask (uint8 0..255 or float 0..1) at another size, 0..1."""
    full_scale = 255.0 if mask.dtype == np.uint8 else 1.0
    values = np.asarray(mask, np.float64) / full_scale
    rows, columns = axis_matrix(mask.shape[0], height), axis_matrix(mask.shape[1], width)
    return np.asarray(rows @ values @ columns.T)


def lerp(
    row: NDArray[Any], index: NDArray[np.integer[Any]], t: NDArray[Any]
) -> NDArray[np.float64]:
    """Between row[index] and its right neighbour, with the neighbour's weight t."""
    wide, weight = np.asarray(row, np.float64), np.asarray(t, np.float64)
    return np.asarray((1.0 - weight) * wide[index] + weight * wide[index + 1])
