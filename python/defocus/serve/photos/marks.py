"""The marks of the page as JSON, in pixels of the preview: boxes, points, strokes."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from defocus.serve.parameters import Options

__all__ = ["BoxMark", "Mark", "PointMark", "StrokeMark"]

_MOST_POINTS, _FARTHEST = 10_000, 1e6
_Number = Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST)]
_Place: TypeAlias = tuple[_Number, _Number]
_Mode: TypeAlias = Literal["keep", "remove"]


class BoxMark(Options):
    """A box around the subject: left, top, right, bottom.  The last one counts."""

    kind: Literal["box"]
    box: tuple[_Number, _Number, _Number, _Number]


class PointMark(Options):
    """A point, which keeps or removes what is under it."""

    kind: Literal["point"]
    mode: _Mode
    at: _Place


class StrokeMark(Options):
    """A stroke of a round brush, which keeps or removes what it touches."""

    kind: Literal["stroke"]
    mode: _Mode
    radius: float = Field(gt=0, le=1e5)
    points: tuple[_Place, ...] = Field(min_length=1, max_length=_MOST_POINTS)


Mark: TypeAlias = Annotated[BoxMark | PointMark | StrokeMark, Field(discriminator="kind")]
