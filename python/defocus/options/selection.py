"""Which subject is meant, and how much work finding it may take."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Literal, TypeAlias, get_args

from defocus.errors import OptionError, OptionTypeError, shown
from defocus.options import checks

__all__ = ["Effort", "Select", "Selection", "check_effort"]

Effort = Literal["fast", "good", "best"]
# What `select=` takes.
Select: TypeAlias = str | tuple[float, float] | tuple[float, float, float, float]

_FARTHEST = 1e9  # pixels, of what a selection names
_EFFORT = (
    "expected 'fast' (the mask as it is), 'good' (edges that follow the photograph) or 'best' "
    "(also a crop pass and a clean-up of undecided regions)"
)


def check_effort(effort: Effort) -> Effort:
    """`effort` as it is.

    Raises OptionTypeError or OptionError unless it is "fast", "good" or "best".
    """
    checks.choice("effort", effort, get_args(Effort), _EFFORT)
    return effort


@dataclass(frozen=True)
class Selection:
    """Which of several subjects is meant.

    `choice` is "all" (default), "largest", a point (x, y) or a box (left, top, right, bottom).
    Points and boxes are in pixels of the upright photograph.

    Raises OptionError or OptionTypeError for anything else.

    >>> Selection((120, 80)).point
    (120.0, 80.0)
    """

    choice: Select = "all"

    def __post_init__(self) -> None:
        """Check it."""
        wanted = "expected 'all', 'largest', a point (x, y) or a box (left, top, right, bottom)"
        if isinstance(self.choice, str):
            checks.choice("select", self.choice, ("all", "largest"), wanted)
            return
        if not isinstance(self.choice, (tuple, list)):
            raise checks.refused("select", self.choice, wanted)
        problem = f"select={shown(self.choice)} chooses nothing; {wanted}"
        if len(self.choice) not in (2, 4):
            raise OptionError(problem)
        if any(isinstance(value, bool) or not isinstance(value, Real) for value in self.choice):
            raise OptionTypeError(f"{problem}, in pixels")
        for value in self.choice:
            checks.number("a coordinate of select", value, -_FARTHEST, _FARTHEST, "pixels")
        if len(self.choice) == 4:
            left, top, right, bottom = self.choice
            if not (left < right and top < bottom):
                raise OptionError(
                    f"select={shown(self.choice)} is an empty box; expected left < right, "
                    "top < bottom"
                )

    def check_within(self, size: tuple[int, int]) -> None:
        """Refuse a point or box outside of a photograph of `size`: OptionError."""
        low = self.point or (self.box and self.box[:2]) or (0, 0)
        high = self.point or (self.box and self.box[2:]) or (0, 0)
        if min(high) < 0 or low[0] >= size[0] or low[1] >= size[1]:
            raise OptionError(
                f"select={shown(self.choice)} lies outside of the photograph of {size[0]} x "
                f"{size[1]} pixels; x counts from the left, y from the top"
            )

    @property
    def everything(self) -> bool:
        """Whether all subjects are meant."""
        return self.choice == "all"

    @property
    def largest(self) -> bool:
        """Whether the largest is meant."""
        return self.choice == "largest"

    @property
    def point(self) -> tuple[float, float] | None:
        """The point, if it is one."""
        if isinstance(self.choice, str) or len(self.choice) != 2:
            return None
        x, y = self.choice
        return float(x), float(y)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The box, if it is one."""
        if isinstance(self.choice, str) or len(self.choice) != 4:
            return None
        left, top, right, bottom = self.choice
        return float(left), float(top), float(right), float(bottom)
