"""The subject as the user marks it: a box, points, strokes, and an earlier Subject."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageValueError, OptionError
from defocus.io import maps, network_view
from defocus.io.photo import Photo
from defocus.models.segmenter import Segmenter
from defocus.options import Box, Points, Prompts
from defocus.options.values import instance
from defocus.pixels import mattes
from defocus.subject import box_cut
from defocus.subject.cells import Cells, Labels
from defocus.subject.division import Seeds
from defocus.subject.editing import Editing, begin
from defocus.subject.strokes import around
from defocus.subject.subject import Subject

__all__ = ["Marks", "in_box", "marks_of"]

Map = NDArray[np.float32]


class Marks(NamedTuple):
    """What the user marked, read and checked, but for its fit to the photograph."""

    prompts: Prompts
    keep: Labels | None = None
    remove: Labels | None = None
    start: Subject | None = None

    def edit(self, photo: Photo, map_: Map, segmenter: Segmenter) -> Editing:
        """The mask of the photograph, edited.

        `map_` is that of the network, or of `start`.  Raises OptionError or ImageValueError for
        marks that do not fit the photograph.
        """
        self.prompts.check_within(photo.size)
        if self.start is not None:
            _check_start(self.start, photo)
        editing = self._begun(photo, map_)
        if self.prompts.box is not None:
            network = segmenter if self.start is None else None
            editing = in_box(editing, self.prompts.box, photo, network)
        return editing.with_strokes(self._seeds(photo.size, editing.cells))

    def _begun(self, photo: Photo, map_: Map) -> Editing:
        if self.start is not None and self.start.editing is not None:
            return self.start.editing
        cells = Cells(photo.pixels)
        return begin(cells, cells.at(map_, photo.pixels))

    def _seeds(self, size: tuple[int, int], cells: Cells) -> Seeds:
        """The cells that the points and the strokes mark.

        In a cell with both marks, that with more pixels counts; with equally many, neither does.
        """
        for name, stroke in (("keep", self.keep), ("remove", self.remove)):
            if stroke is not None:
                mattes.check_size(name, stroke, size)
        self._check_contradictions()
        pointed = [self._pointed(cells, keeps=keeps) for keeps in (True, False)]
        marked = [
            points if stroke is None else points + _per_cell(stroke, cells.side)
            for points, stroke in zip(pointed, (self.keep, self.remove), strict=True)
        ]
        exact = marked[0] > marked[1], marked[1] > marked[0]
        wide = [
            each | around(cells, each & (points > 0))
            for each, points in zip(exact, pointed, strict=True)
        ]
        return Seeds(
            wide[0] & ~exact[1] & ~(wide[1] & ~exact[0]),
            wide[1] & ~exact[0] & ~(wide[0] & ~exact[1]),
        )

    def _pointed(self, cells: Cells, *, keeps: bool) -> NDArray[np.int64]:
        """How many pixels of each cell the points mark."""
        pixels = {(int(x), int(y)) for x, y, keep in self.prompts.points or () if keep == keeps}
        counts = np.zeros(cells.shape, np.int64)
        for x, y in pixels:
            counts[y // cells.side, x // cells.side] += 1
        return counts

    def _check_contradictions(self) -> None:
        """Refuse a pixel that is both kept and removed."""
        if self.keep is not None and self.remove is not None:
            both = self.keep & self.remove
            if both.any():
                row, column = np.unravel_index(int(both.argmax()), both.shape)
                raise OptionError(
                    f"keep and remove both mark the pixel ({column}, {row}); leave one out"
                )
        for x, y, keep in self.prompts.points or ():
            other, name = (self.remove, "remove") if keep else (self.keep, "keep")
            if other is not None and other[int(y), int(x)]:
                kind = "keeps" if keep else "removes"
                raise OptionError(
                    f"a point {kind} the pixel ({int(x)}, {int(y)}), which {name} marks too; "
                    "leave one out"
                )


def marks_of(
    box: Box | None,
    points: Points | None,
    keep: maps.MapSource | None,
    remove: maps.MapSource | None,
    start: Subject | None = None,
    *,
    max_pixels: int | None,
) -> Marks | None:
    """The marks of the user, or None if there are none.

    Raises OptionError, OptionTypeError, and what `read_matte` raises.
    """
    prompts = Prompts(box, points)
    if start is not None:
        instance("start", start, Subject, "the result of find_subject")
    if box is None and not prompts.points and keep is None and remove is None and start is None:
        return None
    strokes = [
        None
        if stroke is None
        else _painted(name, maps.read_matte(stroke, name=name, max_pixels=max_pixels))
        for name, stroke in (("keep", keep), ("remove", remove))
    ]
    return Marks(prompts, strokes[0], strokes[1], start)


def _check_start(start: Subject, photo: Photo) -> None:
    """Refuse a Subject of another photograph: ImageValueError."""
    if start.size != photo.size or not start.is_of(photo.pixels):
        raise ImageValueError(
            f"start was found in another image of {start.size[0]} x {start.size[1]} pixels, this "
            f"one has {photo.size[0]} x {photo.size[1]}, or its pixels differ; call find_subject "
            "on this image without start"
        )


def in_box(editing: Editing, box: Box, photo: Photo, segmenter: Segmenter | None) -> Editing:
    """The mask with nothing outside of the box.

    If it does not fill the box, the network looks at the box, unless there is none.
    """
    inside = box_cut.box_cells(editing.cells, box)
    if segmenter is not None and not box_cut.fills(editing.map(), inside):
        editing = begin(editing.cells, _closer(photo, box, editing.cells, segmenter))
    return editing.in_box(inside)


def _closer(photo: Photo, box: Box, cells: Cells, segmenter: Segmenter) -> Map:
    """What the network sees in the box with a margin: a map at the cells, 0 outside."""
    across, down = (box_cut.MARGIN * (box[k + 2] - box[k]) for k in (0, 1))
    region = (
        max(0, math.floor(box[0] - across)),
        max(0, math.floor(box[1] - down)),
        min(photo.size[0], math.ceil(box[2] + across)),
        min(photo.size[1], math.ceil(box[3] + down)),
    )
    shown = network_view.pixels(photo.part(region), segmenter.input_size, segmenter.threads)
    return cells.at_part(segmenter.mask(shown), region)


def _painted(name: str, stroke: mattes.Mask) -> Labels:
    """The pixels of a stroke.  Raises OptionError if it is too faint to mark any."""
    painted = stroke >= (128 if stroke.dtype == np.uint8 else 0.5)
    if not painted.any() and stroke.any():
        raise OptionError(f"{name} marks no pixel; expected values of half the full scale or more")
    return np.asarray(painted)


def _per_cell(pixels: Labels, side: int) -> NDArray[np.int64]:
    """How many pixels of each cell are marked."""
    rows = np.add.reduceat(pixels, np.arange(0, pixels.shape[0], side), axis=0, dtype=np.int64)
    return np.asarray(np.add.reduceat(rows, np.arange(0, rows.shape[1], side), axis=1))
