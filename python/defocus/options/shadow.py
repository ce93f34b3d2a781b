"""The shadow of a cutout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from defocus.errors import OptionError
from defocus.options import checks
from defocus.options.lengths import Length, Measure, length, lengths

__all__ = ["SHADOWS", "Shadow", "ShadowKind", "shadow_of"]

ShadowKind = Literal["drop", "contact"]
SHADOWS = ("drop", "contact")


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A shadow behind a subject.

    Lengths are pixels of the result, or shares of the longer side of the subject, such as "2%".

    Parameters
    ----------
    kind : {"drop", "contact"}, default "drop"
        "drop" is the outline of the subject, moved by `offset`.  "contact" is a flat shadow on the
        ground under the lowest point of the subject.
    offset : tuple of two lengths, optional
        How far the shadow moves to the right and down; negative values move it left and up.  The
        default is ("0%", "2%") for a drop shadow, and none for a contact shadow.
    blur : length, default "2%"
        Standard deviation of the blur, from 0 on.
    spread : length, default 0
        The outline grows by this much, or shrinks if it is negative, before it is blurred.  With no
        offset and no blur the shadow is an outline around the subject.
    opacity : float, default 0.5
        Opacity where the shadow is darkest, above 0, up to 1.
    colour : str or tuple of three int, default "black"
        A colour as for `background`.

    Raises
    ------
    OptionError
        A value is out of range.
    OptionTypeError
        A value has the wrong type.

    Examples
    --------
    >>> sticker = Shadow(offset=(0, 0), blur=0, spread="2%", opacity=1, colour="white")
    >>> sticker.spread
    '2%'
    """

    kind: ShadowKind = "drop"
    offset: tuple[Length, Length] | str | None = None
    blur: Length = "2%"
    spread: Length = 0
    opacity: float = 0.5
    colour: str | tuple[int, int, int] = "black"

    def __post_init__(self) -> None:
        """Check every value, except the name of a colour."""
        checks.choice("shadow kind", self.kind, SHADOWS)
        self.lengths()
        checks.number("shadow opacity", self.opacity, 0.0, 1.0, above=True)
        if not isinstance(self.colour, (str, tuple, list)):
            wanted = "expected a colour: 'black', '#202020' or three integers from 0 to 255"
            raise checks.refused("shadow colour", self.colour, wanted)

    def lengths(self) -> tuple[Measure, Measure, Measure, Measure]:
        """The offset to the right and down, the blur and the spread, as `Measure` values."""
        offset = self.offset
        if offset is None:
            offset = ("0%", "2%") if self.kind == "drop" else (0, 0)
        elif isinstance(offset, (int, float)) or (isinstance(offset, str) and "," not in offset):
            wanted = "expected two lengths, to the right and down, such as (0, '2%')"
            raise checks.refused("shadow offset", offset, wanted)
        right, down = lengths("shadow offset", offset, ("right", "down"), -10_000, 10_000, 100)
        blur = length("shadow blur", self.blur, 0, 10_000, 100)
        return right, down, blur, length("shadow spread", self.spread, -1000, 1000, 50)


def shadow_of(kind: str | None, options: Mapping[str, Any]) -> Shadow | None:
    """The shadow of a kind and its single options, of which those that are None have defaults.

    Raises OptionError if there are options and no kind, and what `Shadow` raises.

    >>> shadow_of("drop", {"blur": "3px", "opacity": None}).blur
    '3px'
    """
    given = {name: value for name, value in options.items() if value is not None}
    if kind is None:
        if given:
            raise OptionError(
                f"shadow_{next(iter(given))} is given without shadow; give the kind of shadow too, "
                "drop or contact"
            )
        return None
    return Shadow(kind=kind, **given)  # type: ignore[arg-type]
