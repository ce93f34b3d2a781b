"""Strokes of the user: the part of the subject under each is added or removed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.subject.cells import Cells
from defocus.subject.division import Seeds, settle
from defocus.subject.labels import relabelled, touching

__all__ = ["stroked"]

Map = NDArray[np.float32]

# Distances are shares of the long edge, along paths that edges make longer.
_REACH = 0.3  # beyond it a stroke changes nothing
_FADES = 0.15  # over which the pull of a stroke falls to 1 / e
_PULL = 9.0  # nats, on the stroke itself
_ROUNDS = 1


def stroked(cells: Cells, map_: Map, bias: NDArray[np.float64], seeds: Seeds) -> Map:
    """The map (at the cells, 0..1) after all strokes; their order does not matter.

    Only what is connected with a stroke changes: a stroke that keeps adds cells, one that removes
    takes cells away.
    """
    before = map_ >= 0.5
    nearest = [cells.distances(stroke, _REACH) for stroke in seeds]
    pulls = [_PULL * np.exp(-distances.astype(np.float64) / _FADES) for distances in nearest]
    beyond = ~np.isfinite(np.minimum(*nearest))
    fixed = np.where(beyond, np.where(before, 1, -1), 0).astype(np.int8)
    fixed[seeds.keep], fixed[seeds.remove] = 1, -1
    start = (before | seeds.keep) & ~seeds.remove
    pull = pulls[0] - pulls[1]
    after = settle(cells, start, bias + pull, fixed, seeds, rounds=_ROUNDS)
    added = touching(after & ~before, seeds.keep)
    removed = touching(before & ~after, seeds.remove)
    labels = ((before | added) & ~removed | seeds.keep) & ~seeds.remove
    return relabelled(map_, labels, seeds.keep | seeds.remove)
