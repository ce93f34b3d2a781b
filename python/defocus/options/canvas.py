"""The outline of a cutout: canvas, share of the subject and where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Literal, TypeAlias, get_args

from defocus.errors import OptionError, shown
from defocus.options import checks

__all__ = ["ALIGNMENTS", "Align", "Canvas", "CanvasSource", "canvas_of"]

CanvasSource: TypeAlias = str | tuple[int, int]
Align: TypeAlias = Literal[
    "center",
    "top",
    "bottom",
    "left",
    "right",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
]
ALIGNMENTS = get_args(Align)
MOST_PIXELS = 178_956_970  # as of photographs, by default
_RATIO = re.compile(r"(\d{1,5}):(\d{1,5})")
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")
_WANTED = (
    "expected 'square', a ratio of width to height such as '4:5', or (width, height) in pixels such"
    " as '1000x1000'"
)


@dataclass(frozen=True)
class Canvas:
    """A canvas: its `ratio` of width to height, and its `size` in pixels if that is given."""

    ratio: float
    size: tuple[int, int] | None = None


def canvas_of(value: object) -> Canvas:
    """The canvas that a caller means.  Raises OptionError or OptionTypeError.

    >>> canvas_of("4:5")
    Canvas(ratio=0.8, size=None)
    """
    if isinstance(value, str):
        if value == "square":
            return Canvas(1.0)
        if match := _RATIO.fullmatch(value):
            return Canvas(_ratio(value, int(match[1]), int(match[2])))
        match = _SIZE.fullmatch(value)
        if match is None:
            raise OptionError(f"canvas={shown(value)} is unknown; {_WANTED}")
        return _of_size(value, int(match[1]), int(match[2]))
    if not isinstance(value, Sequence):
        raise checks.refused("canvas", value, _WANTED)
    whole = all(isinstance(side, Integral) and not isinstance(side, bool) for side in value)
    if len(value) != 2 or not whole:
        raise checks.refused("canvas", value, _WANTED)
    return _of_size(value, int(value[0]), int(value[1]))


def _ratio(value: object, width: int, height: int) -> float:
    if not (0 < width <= 20 * height and height <= 20 * width):
        raise OptionError(f"canvas={shown(value)} is out of range; expected a ratio up to 20:1")
    return width / height


def _of_size(value: object, width: int, height: int) -> Canvas:
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        limit = f"expected sides of 1 or more, and at most {MOST_PIXELS} pixels"
        raise OptionError(f"canvas={shown(value)} is out of range; {limit}")
    return Canvas(width / height, (width, height))
