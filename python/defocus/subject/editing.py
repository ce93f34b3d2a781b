"""A mask as the user edits it: the state that one stroke hands to the next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.subject import box_cut
from defocus.subject.cells import Cells, Labels
from defocus.subject.division import Seeds, log_odds
from defocus.subject.stroke_cut import stroked

__all__ = ["Editing", "begin"]

Map = NDArray[np.float32]

_TRUST = 0.7  # of the network's log-odds, where a stroke reaches
_NEVER = 1000.0  # nats against subject outside of a box; only a stroke itself is stronger


class Editing(NamedTuple):
    """The mask of a photograph at its cells.

    Attributes
    ----------
    cells
        The grid, with a cut that is solved again quickly.
    base
        The map before all strokes, 0..1.
    bias
        The log-odds of "subject" before all strokes.
    seeds
        The cells under all strokes so far.
    """

    cells: Cells
    base: Map
    bias: NDArray[np.float64]
    seeds: Seeds

    @property
    def nbytes(self) -> int:
        """The bytes that it holds beside the cells."""
        arrays = (self.base, self.bias, *self.seeds)
        return sum(int(array.nbytes) for array in arrays)

    def map(self) -> Map:
        """The map after all strokes."""
        if not (self.seeds.keep.any() or self.seeds.remove.any()):
            return np.array(self.base)
        return stroked(self.cells, self.base, self.bias, self.seeds)

    def with_strokes(self, new: Seeds) -> Editing:
        """The same with further strokes; where they meet older ones, the new ones count."""
        keep = (self.seeds.keep & ~new.remove) | new.keep
        remove = (self.seeds.remove & ~new.keep) | new.remove
        return self._replace(seeds=Seeds(keep, remove))

    def in_box(self, inside: Labels) -> Editing:
        """The same with nothing outside of the box, and a subject that fills it."""
        map_ = self.map()
        if box_cut.fills(map_, inside):
            boxed = begin(self.cells, map_ * inside)
        else:
            division = box_cut.cut(self.cells, map_, inside)
            boxed = Editing(self.cells, division.map, division.bias, _nothing(self.cells))
        return boxed._replace(bias=np.where(inside, boxed.bias, -_NEVER))


def begin(cells: Cells, map_: Map) -> Editing:
    """The state before the first stroke, of a map at the cells."""
    return Editing(cells, map_, _TRUST * log_odds(map_), _nothing(cells))


def _nothing(cells: Cells) -> Seeds:
    return Seeds(np.zeros(cells.shape, np.bool_), np.zeros(cells.shape, np.bool_))
