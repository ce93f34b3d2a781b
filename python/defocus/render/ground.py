"""The ground on which a subject stands: where it is, and how far it is out of focus.

On level ground the depth at u rows below the horizon is proportional to 1 / u (Hoiem, Efros and
Hebert 2008, "Putting objects in perspective").  A thin lens that is focused on the feet then has
the circle of confusion |1 - u / u(feet)| of that at infinity.

The horizon is taken where the ground ends in the photograph.  The true one is there or above, so
the ground is never sharper than a lens would make it.  At that row the blur is that of the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.pixels.regions import label
from defocus.pixels.samples import Pixels
from defocus.render import ground_region
from defocus.render.ground_region import Feet

__all__ = ["share"]

Map = NDArray[np.float32]
Mask = Map | NDArray[np.uint8]

# The longest edge of the grid on which the ground is sought.
_LONG_EDGE = 340
# Smaller parts of the subject, as a share of the largest, are ignored.
_LEAST_PART = 0.05
# Rows below the feet, as a share of the height of the image and in cells.
_LEAST_BELOW, _LEAST_ROWS = 0.03, 3
# The least side of the grid.
_LEAST_CELLS = 8
# The least height of a subject, as a share of that of the image.
_LEAST_HEIGHT = 0.08
# The lowest points of all parts are within this share of the height of the image.
_ONE_PLACE = 0.12
# The lower outline counts as feet up to this share of the height of the subject.
_FOOT = 0.1
# The ground goes on at least so far behind the feet, as a share of the height of the subject.
_LEAST_DEPTH = 0.2


def share(pixels: Pixels, mask: Mask) -> Map | None:
    """Return the share 0..1 of the blur at each cell of a grid, or None where there is no ground.

    `pixels` are H x W x 3.  `mask` is the map of a network or a matte, of any size.  The grid has
    the proportions of the image.  The share is 1 outside of the ground.
    """
    planes, cells, _ = _native.matte_cells(pixels, mask)
    step = -(-max(cells.shape) // _LONG_EDGE)
    *colours, subject = (_means(plane, step) for plane in (*planes, cells))
    feet = _feet(subject >= 0.5)
    if feet is None:
        return None
    ground = ground_region.find(np.stack(colours, axis=2), subject, feet)
    if ground is None:
        return None
    ends = feet.far - round(_LEAST_DEPTH * feet.height)
    horizon = max(feet.top, min(ground_region.upper_end(ground), ends))
    plane = _plane(ground.shape[0], horizon, feet)
    return np.asarray(1.0 - ground * (1.0 - plane[:, np.newaxis]), np.float32)


def _means(plane: Map, step: int) -> Map:
    """Means of squares of `step` cells; those at the lower and right border may be smaller."""
    rows, columns = (np.arange(0, length, step) for length in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane, rows, axis=0), columns, axis=1)
    down, across = (
        np.diff(starts, append=length).astype(np.float32)
        for starts, length in zip((rows, columns), plane.shape, strict=True)
    )
    return np.asarray(sums / np.outer(down, across), np.float32)


def _feet(inside: NDArray[np.bool_]) -> Feet | None:
    """Where the subject stands; None if it reaches the lower frame or stands in several places."""
    labels, count = label(inside)
    if count == 0 or min(inside.shape) < _LEAST_CELLS:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    is_large = sizes >= _LEAST_PART * sizes.max()
    large = np.flatnonzero(is_large) + 1
    lowest = [int(np.flatnonzero((labels == part).any(axis=1))[-1]) for part in large]
    subject = np.append(False, is_large)[labels]
    height, top, near = len(inside), int(np.argmax(subject.any(axis=1))), max(lowest)
    tall = near + 1 - top
    if height - 1 - near < max(_LEAST_ROWS, _LEAST_BELOW * height):
        return None
    if tall < _LEAST_HEIGHT * height or near - min(lowest) > _ONE_PLACE * height:
        return None
    columns = np.flatnonzero(subject.any(axis=0))
    outline = height - 1 - np.argmax(subject[::-1, columns], axis=0)
    standing = outline >= near - _FOOT * tall
    rows = outline[standing]
    return Feet(top, int(np.sort(rows)[len(rows) // 4]), near, columns[standing], rows)


def _plane(height: int, horizon: int, feet: Feet) -> Map:
    """The share of each row: 0 between the farthest and the nearest foot, 1 at the horizon."""
    below = np.maximum(np.arange(height, dtype=np.float32) + 0.5 - horizon, 0.0)
    behind = 1.0 - below / max(feet.far + 1 - horizon, 1)
    before = below / max(feet.near + 1 - horizon, 1) - 1.0
    return np.asarray(np.clip(np.maximum(behind, before), 0.0, 1.0), np.float32)
