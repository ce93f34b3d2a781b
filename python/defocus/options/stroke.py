"""Strokes of a brush, which edit a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from defocus.errors import OptionError
from defocus.options import checks

__all__ = ["Mode", "Stroke"]

Mode = Literal["keep", "remove"]
_FARTHEST = 1e6  # pixels
_MOST_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """One stroke of a round brush.

    Parameters
    ----------
    mode
        "keep" makes what is painted subject, "remove" makes it background.
    radius
        Of the brush, in pixels of the photograph, above 0.
    softness
        The share of the radius over which the effect fades out, 0 to 1.
    points
        Where the brush went, (x, y) in pixels of the photograph, from its upper left corner.

    Raises
    ------
    OptionError, OptionTypeError
        For a value out of range, or of the wrong type.
    """

    mode: Mode
    radius: float
    softness: float = 0.5
    points: Sequence[tuple[float, float]] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        checks.choice("mode", self.mode, get_args(Mode))
        checks.number("radius", self.radius, 0.0, _FARTHEST, "pixels", above=True)
        checks.number("softness", self.softness, 0.0, 1.0)
        if not 1 <= len(self.points) <= _MOST_POINTS:
            raise OptionError(
                f"a stroke has {len(self.points)} points; expected 1 to {_MOST_POINTS}"
            )
        for point in self.points:
            x, y = point
            checks.number("x", x, -_FARTHEST, _FARTHEST, "pixels")
            checks.number("y", y, -_FARTHEST, _FARTHEST, "pixels")
