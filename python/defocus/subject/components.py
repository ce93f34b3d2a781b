"""Connected components: the parts of a map, and those that the caller selects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.errors import NoSubjectError
from defocus.options import Selection
from defocus.pixels.regions import Labels, label

__all__ = ["Component", "Parts", "choose", "keep", "split"]

# A part below this share of the map is a speck, and joins the nearest part: 7 x 7 of 320 x 320.
LEAST_SHARE = 0.0005
# Values below this count as 0 and belong to no part.
FAINTEST = 0.02
# A point within this share of the photograph's long edge selects a subject.
REACH = 0.05


@dataclass(frozen=True)
class Component:
    """One connected part of the subject.

    Attributes
    ----------
    box : tuple of four ints
        (left, top, right, bottom) in pixels of the photograph; right and bottom are exclusive.
    area : float
        Its share of the photograph, 0..1.
    confidence : float
        The mean of the network's map over it, 0..1.
    """

    box: tuple[int, int, int, int]
    area: float
    confidence: float


class Parts(NamedTuple):
    """The parts of a map: `components` by area, the largest first, and the part of each map pixel.

    `labels` has the shape of the map: 0 outside, k + 1 for `components[k]`.
    """

    labels: Labels
    components: tuple[Component, ...]


def split(raw: NDArray[np.float32], size: tuple[int, int]) -> Parts:
    """Split a map (h x w, 0..1) of a photograph of `size` into connected parts of at least .5.

    Parts that touch at a corner are connected.  Specks are ignored, unless there is nothing else.
    """
    sure = raw >= 0.5
    labels, count = label(sure)
    if count == 0:
        return Parts(labels, ())
    inside = labels[sure]
    areas = np.bincount(inside, minlength=count + 1)[1:]
    sums = np.bincount(inside, weights=raw[sure], minlength=count + 1)[1:]
    boxes = _boxes(labels, sure, count)
    order = np.argsort(-areas, kind="stable")
    kept = order[areas[order] >= LEAST_SHARE * raw.size]
    kept = kept if kept.size else order[:1]
    numbers = np.zeros(count + 1, np.int32)
    numbers[kept + 1] = np.arange(1, kept.size + 1)
    scale = np.array([size[0] / raw.shape[1], size[1] / raw.shape[0]] * 2)
    return Parts(
        numbers[labels],
        tuple(
            Component(_pixels(boxes[k] * scale), float(areas[k] / raw.size), float(s))
            for k, s in zip(kept, sums[kept] / areas[kept], strict=True)
        ),
    )


def _boxes(labels: Labels, sure: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    rows, columns = np.nonzero(sure)
    inside = labels[sure] - 1
    boxes = np.zeros((count, 4), np.int64)
    boxes[:, :2] = np.iinfo(np.int64).max
    for axis, places in enumerate((columns, rows)):
        np.minimum.at(boxes[:, axis], inside, places)
        np.maximum.at(boxes[:, axis + 2], inside, places + 1)
    return boxes


def _pixels(box: NDArray[np.float64]) -> tuple[int, int, int, int]:
    left, top = np.floor(box[:2]).astype(int).tolist()
    right, bottom = np.ceil(box[2:]).astype(int).tolist()
    return left, top, right, bottom


def choose(parts: Parts, selection: Selection, size: tuple[int, int]) -> tuple[int, ...]:
    """Return the indices of the selected components; `size` is that of the photograph.

    A point selects the component that it lies on, else the nearest within 5 % of the long edge.  A
    box selects all components that lie in it by at least half, else the one with the largest part
    in it.  Raises NoSubjectError, which states where the subjects are.
    """
    if selection.everything or not parts.components:
        return tuple(range(len(parts.components)))
    if selection.largest:
        return (0,)
    height, width = parts.labels.shape
    across, down = width / size[0], height / size[1]
    if selection.point is not None:
        x, y = selection.point
        rows, columns = np.nonzero(parts.labels)
        # Distances in pixels of the photograph to the nearest point of each map pixel.
        dx = np.maximum(np.abs((columns + 0.5) / across - x) - 0.5 / across, 0.0)
        dy = np.maximum(np.abs((rows + 0.5) / down - y) - 0.5 / down, 0.0)
        distances = np.hypot(dx, dy)
        nearest = int(distances.argmin())
        if distances[nearest] <= REACH * max(size):
            return (int(parts.labels[rows[nearest], columns[nearest]]) - 1,)
    elif selection.box is not None:
        left, top, right, bottom = selection.box
        middles, centres = np.arange(height) + 0.5, np.arange(width) + 0.5
        within = ((middles >= top * down) & (middles < bottom * down))[:, np.newaxis] & (
            (centres >= left * across) & (centres < right * across)
        )
        count = len(parts.components) + 1
        all_of_it = np.bincount(parts.labels.ravel(), minlength=count)[1:]
        there = np.bincount(parts.labels[within], minlength=count)[1:]
        if (mostly := np.flatnonzero(2 * there >= all_of_it)).size:
            return tuple(int(k) for k in mostly)
        if there.any():
            return (int(there.argmax()),)
    places = ", ".join(str(part.box) for part in parts.components[:5])
    more = "" if len(parts.components) <= 5 else f" and {len(parts.components) - 5} more"
    raise NoSubjectError(
        f"no subject at select={selection.choice!r}; subjects are in {places}{more} "
        "(left, top, right, bottom); select one of them, or 'all'"
    )


def keep(raw: NDArray[np.float32], parts: Parts, chosen: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the map with the selected components only.

    A soft rim belongs to the component that is nearest to it.
    """
    if len(chosen) == len(parts.components):
        return raw
    wanted = np.zeros(len(parts.components) + 1, np.bool_)
    wanted[np.array(chosen, np.intp) + 1] = True
    away = (parts.labels > 0) & ~wanted[parts.labels]
    skirt = (parts.labels == 0) & (raw >= FAINTEST)
    mine, theirs = _column_distances(wanted[parts.labels]), _column_distances(away)
    steps = np.arange(raw.shape[1], dtype=np.float32)
    for y in np.flatnonzero(skirt.any(axis=1)):
        x = np.flatnonzero(skirt[y])
        square = (x[:, np.newaxis] - steps) ** 2
        away[y, x] = (square + theirs[y]).min(axis=1) < (square + mine[y]).min(axis=1)
    return np.where(away, np.float32(0), raw)


def _column_distances(seeds: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the squared distance from each pixel to the nearest seed in its column.

    This is the first half of an exact Euclidean distance transform (Saito and Toriwaki 1994).
    """
    height = len(seeds)
    y = np.arange(height)[:, np.newaxis]
    far = 4 * max(seeds.shape)
    above = np.maximum.accumulate(np.where(seeds, y, -far), axis=0)
    below = np.minimum.accumulate(np.where(seeds, y, height + far)[::-1], axis=0)[::-1]
    return np.minimum(y - above, below - y).astype(np.float32) ** 2
