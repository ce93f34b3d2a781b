"""Boxes of pixels, and where one lies in another picture."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np

from defocus.pixels.samples import Pixels, full_scale

__all__ = ["Box", "Placement", "longer_side", "visible_box"]

Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom


class Placement(NamedTuple):
    """The part `box` of a picture, resized by `scale`, with its top left corner `at` this place.

    The result has `size` (width, height).  Scale and place are (horizontal, vertical).
    """

    box: Box
    size: tuple[int, int]
    scale: tuple[float, float] = (1.0, 1.0)
    at: tuple[float, float] = (0.0, 0.0)

    @property
    def exact(self) -> bool:
        """Whether pixels only move, by whole pixels."""
        return self.scale == (1.0, 1.0) and all(float(place).is_integer() for place in self.at)


def visible_box(alpha: Pixels) -> Box:
    """The box around alpha that 8 bits can show; the whole frame where there is none.

    >>> visible_box(np.array([[0, 0, 0], [0, 0, 9]], np.uint8))
    (2, 1, 3, 2)
    """
    visible = alpha > full_scale(alpha.dtype) // 510
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if rows.size == 0:
        return 0, 0, alpha.shape[1], alpha.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def longer_side(box: Box) -> int:
    """The longer side of a box.

    >>> longer_side((10, 10, 30, 15))
    20
    """
    return max(box[2] - box[0], box[3] - box[1])
