"""The shadow of a cutout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from defocus.errors import OptionError, shown
from defocus.options import checks
from defocus.options.lengths import Length, Measure, length, lengths

__all__ = ["Shadow", "ShadowSource", "shadow_of"]

ShadowKind = Literal["drop", "contact"]
SHADOWS = get_args(ShadowKind)
_OPTIONS = ("offset", "blur", "spread", "opacity", "colour")
_WANTED = (
    "expected True, a defocus.Shadow, or text such as 'drop' or 'contact blur=1% opacity=.6', with "
    f"any of {', '.join(_OPTIONS)}"
)


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


# The values of `shadow=`.
ShadowSource: TypeAlias = bool | str | Shadow


def shadow_of(value: object) -> Shadow | None:
    """The shadow that a caller means: a Shadow, True for the default one, or text.

    Text is the kind of the shadow, then any of its options, separated by spaces.  Raises
    OptionError or OptionTypeError.

    >>> shadow_of("drop blur=3px offset=0,5%").blur
    '3px'
    """
    if isinstance(value, Shadow):
        return value
    if not isinstance(value, str):
        if not isinstance(value, bool):
            raise checks.refused("shadow", value, _WANTED)
        return Shadow() if value else None
    kind, *words = value.split() or [""]
    given: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in _OPTIONS or not equals or name in given:
            raise OptionError(f"shadow={shown(value)}: {shown(word)} is not an option; {_WANTED}")
        given[name] = text
    if "opacity" in given:
        try:
            given["opacity"] = float(given["opacity"])
        except ValueError:
            problem = f"shadow={shown(value)}: opacity={shown(given['opacity'])} is not a number"
            raise OptionError(f"{problem}; expected above 0 to 1") from None
    if kind not in SHADOWS:
        raise OptionError(f"shadow={shown(value)} is unknown; {_WANTED}")
    return Shadow(kind=kind, **given)  # type: ignore[arg-type]
