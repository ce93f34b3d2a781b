"""Where a cutout lies in its result: crop, canvas and size, as arithmetic without pixels."""

from __future__ import annotations

import math

from defocus.errors import OptionError, shown
from defocus.options import Finish
from defocus.options.canvas import MOST_PIXELS, Canvas
from defocus.pixels.boxes import Box, Placement, longer_side, visible_box
from defocus.pixels.samples import Pixels

__all__ = ["check_canvas", "placement"]


def check_canvas(finish: Finish, max_pixels: int) -> None:
    """Raise OptionError if the canvas is given in pixels and has more than `max_pixels`."""
    canvas = finish.outline
    if canvas is not None and canvas.size is not None and math.prod(canvas.size) > max_pixels:
        raise OptionError(
            f"canvas={shown(finish.canvas)} is out of range; expected at most {max_pixels} pixels "
            "(max_pixels)"
        )


def placement(alpha: Pixels, finish: Finish, max_pixels: int = MOST_PIXELS) -> Placement | None:
    """Where `crop`, `canvas` and `max_size` put a picture with this alpha; None if nowhere else.

    Raises OptionError if a canvas of a ratio would have more than `max_pixels`.
    """
    height, width = alpha.shape
    canvas = finish.outline
    if canvas is not None:
        box = visible_box(alpha)
        if canvas.size:
            return _on_size(box, finish, canvas)
        return _on_ratio(box, finish, canvas, max_pixels)
    box = (0, 0, width, height)
    if finish.crop is not None:
        box = _cropped(visible_box(alpha), finish, width, height)
    if finish.max_size is None or longer_side(box) <= finish.max_size:
        return None if box == (0, 0, width, height) else Placement(box, _size(box))
    share = finish.max_size / longer_side(box)
    across, down = (max(1, round(side * share)) for side in _size(box))
    return Placement(box, (across, down), (across / _size(box)[0], down / _size(box)[1]))


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _cropped(box: Box, finish: Finish, width: int, height: int) -> Box:
    """The box with its margins, which end at the frame."""
    side = longer_side(box)
    left, top, right, bottom = (round(margin.of(side)) for margin in finish.margins)
    return (
        max(box[0] - left, 0),
        max(box[1] - top, 0),
        min(box[2] + right, width),
        min(box[3] + bottom, height),
    )


def _on_size(box: Box, finish: Finish, canvas: Canvas) -> Placement:
    """On a canvas of that many pixels: the subject is resized until it and its margins fit.

    Pixels of a margin are those of the canvas.
    """
    assert canvas.size is not None
    side, fill = longer_side(box), finish.fill or 1.0
    left, top, right, bottom = finish.margins
    scale = min(
        (fill * whole - low.pixels - high.pixels) / (part + (low.share + high.share) * side)
        for whole, part, low, high in zip(
            canvas.size, _size(box), (left, top), (right, bottom), strict=True
        )
    )
    margins = [margin.pixels + margin.share * side * scale for margin in finish.margins]
    at = _aligned(box, canvas.size, scale, margins, finish.align)
    return Placement(box, canvas.size, (scale, scale), at)


def _on_ratio(box: Box, finish: Finish, canvas: Canvas, max_pixels: int) -> Placement:
    """On the smallest canvas of that ratio which holds the subject and its margins.

    Only `max_size` resizes the subject.
    """
    fill = finish.fill or 1.0
    margins = [margin.of(longer_side(box)) for margin in finish.margins]
    needed = [
        (part + low + high) / fill
        for part, low, high in zip(_size(box), margins[:2], margins[2:], strict=True)
    ]
    height = max(needed[1], needed[0] / canvas.ratio)
    longer = height * max(canvas.ratio, 1.0)
    scale = min(1.0, (finish.max_size or longer) / longer)
    across, down = (
        max(1, math.ceil(round(side * scale, 6))) for side in (canvas.ratio * height, height)
    )
    if across * down > max_pixels:
        problem = f"canvas={shown(finish.canvas)} with fill={finish.fill} and crop={finish.crop}"
        raise OptionError(
            f"{problem} would have {across} x {down} pixels; expected at most {max_pixels}: give "
            "max_size, or a canvas in pixels"
        )
    at = _aligned(box, (across, down), scale, [scale * one for one in margins], finish.align)
    if scale == 1.0:
        at = (round(at[0]), round(at[1]))
    return Placement(box, (across, down), (scale, scale), at)


def _aligned(
    box: Box, size: tuple[int, int], scale: float, margins: list[float], align: str
) -> tuple[float, float]:
    """The place of the box's top left corner, between the margins."""
    places = []
    words = ("left", "right"), ("top", "bottom")
    for axis, (start, end) in enumerate(words):
        first, last = margins[axis], size[axis] - margins[axis + 2] - scale * _size(box)[axis]
        share = 0.0 if start in align else 1.0 if end in align else 0.5
        places.append(first + share * (last - first))
    return places[0], places[1]
