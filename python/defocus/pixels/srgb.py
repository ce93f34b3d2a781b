"""The sRGB curve (IEC 61966-2-1) between encoded samples and linear light, both 0..1.

The powers are computed from sums, products, quotients and square roots, which IEEE 754 rounds
correctly.  So every processor gives the same bits, unlike `np.power`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARAMETERS", "from_light", "light_of_samples", "to_light"]

_Floats = TypeVar("_Floats", NDArray[np.float32], NDArray[np.float64], NDArray[Any])

# (g, a, b, c, d): light is (a x + b)^g for x >= d, else c x.  This is the order of ICC profiles.
PARAMETERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_LINEAR_BELOW = 0.0031308  # in light
_BLOCK = 8192  # values that stay in the cache


def to_light(encoded: _Floats) -> _Floats:
    """Decode samples 0..1 to linear light 0..1; above 1 they count as 1.

    >>> to_light(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.214, 1.0]
    """
    return _in_blocks(_decoded, encoded)


def from_light(light: _Floats) -> _Floats:
    """Encode linear light as samples 0..1.  Negative light is encoded linearly, above 1 it is 1.

    >>> from_light(np.array([0.0, 0.214, 1.0])).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    return _in_blocks(_encoded, light)


def light_of_samples(full: int) -> NDArray[np.float64]:
    """The linear light of each sample from 0 to `full`: a table of full + 1 values."""
    return to_light(np.arange(full + 1) / full)


def _in_blocks(curve: Callable[[Any], Any], values: _Floats) -> _Floats:
    flat = np.ravel(values)
    result = np.empty_like(flat)
    for first in range(0, flat.size, _BLOCK):
        block = slice(first, first + _BLOCK)
        result[block] = curve(flat[block])
    return result.reshape(values.shape)


def _decoded(encoded: Any) -> Any:
    """The power 2.4 is the square times the eighth power of the fourth root, by its fifth root."""
    base = (np.clip(encoded, 0.04045, 1) + 0.055) / 1.055
    root = np.sqrt(np.sqrt(base))
    cube = root * root * root
    # The fifth root of the cube, off by less than .0004 of it.
    near = (-0.17930004 * root + 0.94635581) * root + 0.23256734
    for _ in range(_steps(encoded)):
        square = near * near
        fifth = square * square * near
        near = near * (2 * fifth + 3 * cube) / (3 * fifth + 2 * cube)
    return np.where(encoded <= 0.04045, encoded / 12.92, base * base * (root * near))


def _encoded(light: Any) -> Any:
    """The power 1 / 2.4 is the fourth root times the square of its cube root."""
    root = np.sqrt(np.sqrt(np.clip(light, _LINEAR_BELOW, 1)))
    # The cube root, off by less than .0013 of it.
    near = ((0.32869417 * root - 0.90111216) * root + 1.1898471) * root + 0.38386635
    for _ in range(_steps(light)):
        cube = near * near * near
        near = near * (cube + 2 * root) / (2 * cube + root)
    bright = 1.055 * (root * (near * near)) - 0.055
    return np.where(light <= _LINEAR_BELOW, 12.92 * light, bright)


def _steps(values: Any) -> int:
    """How many steps of Halley's method reach the precision; each cubes the error."""
    return 1 if values.dtype == np.float32 else 2
