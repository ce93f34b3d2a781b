"""The marks of one photograph, solved together; the state that makes a further mark quick."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.options import Box, Prompts
from defocus.pipeline.prompted import in_box
from defocus.serve.photos.marks import BoxMark, Mark, PointMark, StrokeMark
from defocus.subject import box_cut
from defocus.subject.cells import Cells
from defocus.subject.division import Seeds
from defocus.subject.editing import Editing, begin
from defocus.subject.strokes import around, brushed

__all__ = ["Marking"]

Map: TypeAlias = NDArray[np.float32]
Key: TypeAlias = tuple[object, Box | None]

_MOST_WORK = 1 << 27  # cells of all segments of new strokes: about a second
_MOST_BEGUN = 3  # states before the first stroke: undoing a box runs no network


class Marking:
    """Used by one thread at a time.

    Parameters
    ----------
    photo
        The preview.
    segmenter
        The network, for boxes in which it found nothing before.
    """

    def __init__(self, photo: Photo, segmenter: Segmenter) -> None:
        self._photo = photo
        self._segmenter = segmenter
        self._cells: Cells | None = None
        self._begun: OrderedDict[Key, Editing] = OrderedDict()
        self._last: tuple[Key, tuple[Mark, ...], Editing] | None = None

    @property
    def nbytes(self) -> int:
        """About the bytes that it holds."""
        states = [*self._begun.values(), *([self._last[2]] if self._last else [])]
        cells = 0 if self._cells is None else self._cells.nbytes
        return cells + sum(state.nbytes for state in states)

    def map(self, chosen: object, map_: Map, marks: Sequence[Mark]) -> Map:
        """The map after all marks, whose order counts only where they meet.

        `map_` is that before the first mark; `chosen` stands for it.  Raises OptionError for marks
        that are not valid, and for those outside of the photograph.
        """
        editing = self._marked(chosen, map_, tuple(marks))
        return editing.map()

    def _marked(self, chosen: object, map_: Map, marks: tuple[Mark, ...]) -> Editing:
        places = [place for place, mark in enumerate(marks) if isinstance(mark, BoxMark)]
        place = places[-1] if places else None
        last = marks[place] if place is not None else None
        box = last.box if isinstance(last, BoxMark) else None
        key = chosen, box
        done, editing = self._taken_from_last(key, marks)
        if editing is None:
            editing = self._before_strokes(key, map_)
        left = _MOST_WORK
        for number, mark in enumerate(marks[done:], done):
            if number == place and box is not None:
                editing = _without_kept_outside(editing, box)
            elif not isinstance(mark, BoxMark):  # of an earlier box nothing is left
                marked, work = self._cells_of(editing.cells, mark, left)
                left -= work
                nothing = np.zeros_like(marked)
                both = (marked, nothing) if mark.mode == "keep" else (nothing, marked)
                editing = editing.with_strokes(Seeds(*both))
        self._last = key, marks, editing
        return editing

    def _taken_from_last(self, key: Key, marks: tuple[Mark, ...]) -> tuple[int, Editing | None]:
        """How many marks the state of the last answer has done, if it is one on the way."""
        if self._last is None or self._last[0] != key:
            return 0, None
        _, before, editing = self._last
        return (len(before), editing) if marks[: len(before)] == before else (0, None)

    def _before_strokes(self, key: Key, map_: Map) -> Editing:
        if key in self._begun:
            self._begun.move_to_end(key)
            return self._begun[key]
        box = key[1]
        if box is not None:
            Prompts(box).check_within(self._photo.size)
        if self._cells is None:
            self._cells = Cells(self._photo.pixels)
        editing = begin(self._cells, self._cells.at(map_, self._photo.pixels))
        if box is not None:
            editing = in_box(editing, box, self._photo, self._segmenter)
        self._begun[key] = editing
        if len(self._begun) > _MOST_BEGUN:
            self._begun.popitem(last=False)
        return editing

    def _cells_of(
        self, cells: Cells, mark: PointMark | StrokeMark, most: int
    ) -> tuple[NDArray[np.bool_], int]:
        """The cells that a mark means, and how much work it was."""
        if isinstance(mark, StrokeMark):
            return brushed(cells, mark.points, mark.radius, most)
        Prompts(None, [(*mark.at, True)]).check_within(self._photo.size)
        marked = np.zeros(cells.shape, np.bool_)
        marked[int(mark.at[1]) // cells.side, int(mark.at[0]) // cells.side] = True
        return around(cells, marked), 0


def _without_kept_outside(editing: Editing, box: Box) -> Editing:
    """The same without strokes that keep what lies outside of a box that was drawn later."""
    inside = box_cut.box_cells(editing.cells, box)
    return editing._replace(seeds=editing.seeds._replace(keep=editing.seeds.keep & inside))
