"""Gaussian blur by its definition: a weighted mean over all neighbours, borders reflect-101."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray


def reflect(index: int, length: int) -> int:
    """Walk back and forth over 0 .. length-1 without repeating the ends."""
    if length == 1:
        return 0
    while not 0 <= index < length:
        index = -index if index < 0 else 2 * (length - 1) - index
    return index


@functools.lru_cache
def axis_matrix(sigma: float, length: int) -> NDArray[np.float64]:
    """Row i: the weight of every sample in output sample i, far neighbours (6 sigma) included."""
    radius = int(np.ceil(6.0 * sigma))
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    inside = np.array([reflect(i, length) for i in range(-radius, length + radius)])
    matrix = np.zeros((length, length))
    for i in range(length):
        np.add.at(matrix[i], inside[i : i + offsets.size], weights)
    return matrix


def blur_axis(image: NDArray[Any], sigma: float, axis: int) -> NDArray[np.float64]:
    """One axis of a picture."""
    matrix = axis_matrix(float(sigma), image.shape[axis])
    moved = np.moveaxis(np.asarray(image, np.float64), axis, 0)
    return np.moveaxis(np.tensordot(matrix, moved, axes=1), 0, axis)


def gaussian_blur(image: NDArray[Any], sigma: float) -> NDArray[np.float64]:
    """Both axes of H x W or H x W x C."""
    return blur_axis(blur_axis(image, sigma, 0), sigma, 1)
