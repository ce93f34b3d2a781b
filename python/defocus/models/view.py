"""The network view of a photograph: what networks and warnings get of its pixels."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus import _native

__all__ = ["View"]

Planes: TypeAlias = NDArray[np.float32]


class View:
    """A photograph and its network views, each of which is made at its first use.

    Parameters
    ----------
    pixels : ndarray of uint8, H x W x 3
        The photograph as the network gets it, with any strides.
    threads : int
        Threads that shrink it.
    """

    def __init__(self, pixels: NDArray[np.uint8], threads: int) -> None:
        self.pixels = pixels
        self._threads = threads
        self._made: dict[tuple[int, int], Planes] = {}

    def planes(self, size: tuple[int, int]) -> Planes:
        """Red, green and blue from 0 to 255, 3 x height x width of `size`; not to be changed."""
        if size not in self._made:
            self._made[size] = _native.shrink_planes(self.pixels, *size, threads=self._threads)
        return self._made[size]

    def light(self, size: tuple[int, int]) -> Planes:
        """The planes from 0 to 1."""
        return self.planes(size) * np.float32(1 / 255)

    def mirrored(self) -> View:
        """The View of the mirrored photograph: its planes are mirrored, not made again."""
        other = View(self.pixels[:, ::-1], self._threads)
        other._made = {size: planes[..., ::-1] for size, planes in self._made.items()}
        return other
