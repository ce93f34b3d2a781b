"""Where the user says the subject is: a box, and points on it or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from defocus.errors import OptionError, OptionTypeError, shown
from defocus.options import checks

__all__ = ["Box", "Points", "Prompts"]

Box: TypeAlias = tuple[float, float, float, float]
# (x, y, keep) each.
Points: TypeAlias = Sequence[tuple[float, float, bool]]

_FARTHEST = 1e9  # pixels
_MOST_POINTS = 10_000


@dataclass(frozen=True)
class Prompts:
    """A box (left, top, right, bottom) and points (x, y, keep), in pixels of the upright photo.

    Raises OptionError or OptionTypeError for anything else.

    >>> Prompts((0, 0, 40, 30), [(10, 20, True)]).points
    ((10.0, 20.0, True),)
    """

    box: Box | None = None
    points: Points | None = ()

    def __post_init__(self) -> None:
        """Check both, and keep them as plain numbers."""
        object.__setattr__(self, "box", None if self.box is None else _checked_box(self.box))
        wanted = "expected a list of (x, y, keep)"
        points = () if self.points is None else self.points
        if isinstance(points, (str, Mapping)) or not hasattr(points, "__len__"):
            raise checks.refused("points", points, wanted)  # an iterator could be read once only
        each = list(checks.each("points", points, wanted))
        if each and not any(hasattr(value, "__len__") for value in each):
            raise OptionTypeError(
                f"points={shown(points)} is one point; {wanted}, for example [(240, 180, True)]"
            )
        object.__setattr__(self, "points", tuple(_checked_point(point) for point in each))
        assert self.points is not None
        if len(self.points) > _MOST_POINTS:
            raise OptionError(
                f"points has {len(self.points)} points; expected {_MOST_POINTS} at most"
            )
        marked: dict[tuple[int, int], bool] = {}
        for x, y, keep in self.points:
            if marked.setdefault((int(x), int(y)), keep) != keep:
                raise OptionError(
                    f"points keeps and removes the pixel ({int(x)}, {int(y)}); leave one out"
                )
            if keep and self.box is not None and not _within(x, y, self.box):
                raise OptionError(
                    f"the point ({x:g}, {y:g}) keeps what lies outside of box={shown(self.box)}; "
                    "enlarge the box, or leave the point out"
                )

    def check_within(self, size: tuple[int, int]) -> None:
        """Refuse a box or a point outside of a photograph of `size`: OptionError."""
        outside = f"lies outside of the photograph of {size[0]} x {size[1]} pixels"
        if self.box is not None:
            left, top, right, bottom = self.box
            if right <= 0 or bottom <= 0 or left >= size[0] or top >= size[1]:
                raise OptionError(f"box={shown(self.box)} {outside}")
        for x, y, _ in self.points or ():
            if not (0 <= x < size[0] and 0 <= y < size[1]):
                raise OptionError(f"the point ({x:g}, {y:g}) {outside}")


def _within(x: float, y: float, box: Box) -> bool:
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def _checked_box(box: object) -> Box:
    wanted = "expected (left, top, right, bottom) in pixels"
    values = list(checks.each("box", box, wanted)) if not isinstance(box, str) else []
    if len(values) != 4:
        raise checks.refused("box", box, wanted)
    left, top, right, bottom = (
        checks.number("a coordinate of box", value, -_FARTHEST, _FARTHEST, "pixels")
        for value in values
    )
    if not (left < right and top < bottom):
        raise OptionError(f"box={shown(box)} is empty; expected left < right, top < bottom")
    return left, top, right, bottom


def _checked_point(point: object) -> tuple[float, float, bool]:
    wanted = "expected (x, y, keep), two numbers and True or False"
    values = list(checks.each("a point", point, wanted)) if not isinstance(point, str) else []
    if len(values) != 3:
        raise checks.refused("a point", point, wanted)
    x, y = (
        checks.number("a coordinate of points", value, -_FARTHEST, _FARTHEST, "pixels")
        for value in values[:2]
    )
    return x, y, checks.flag("keep of a point", values[2])
