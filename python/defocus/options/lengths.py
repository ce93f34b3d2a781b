"""Lengths: pixels, or a share of the subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TypeAlias

from defocus.errors import OptionError, shown
from defocus.options import checks

__all__ = ["Length", "Measure", "Sides", "length", "lengths", "scaled_text"]

# What a caller writes: a number of pixels, or text with a unit.
Length: TypeAlias = int | float | str
Sides: TypeAlias = Length | tuple[Length, Length, Length, Length]

_TEXT = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d*)?|\.\d+))\s*(px|%)?")


@dataclass(frozen=True)
class Measure:
    """A length: `pixels`, and a `share` of the longer side of the subject's box.  One of them is 0.

    >>> Measure(share=0.1).of(400)
    40.0
    """

    pixels: float = 0.0
    share: float = 0.0

    def of(self, side: float) -> float:
        """The length in pixels, for a subject whose longer side has `side` pixels."""
        return self.pixels + self.share * side


def length(name: str, value: object, low: float, high: float, percent: float) -> Measure:
    """A length from `low` to `high` pixels, or a share of the subject up to `percent`.

    A number is pixels from 1 on, and a share below: 12 or .05.  Text may have a unit: "12px", "5%".
    Lengths whose `low` is below 0 may have a negative share.

    Raises OptionError, or OptionTypeError.

    >>> length("grow", "-5%", -1000, 1000, percent=50)
    Measure(pixels=0.0, share=-0.05)
    """
    lowest = -percent if low < 0 else 0.0
    wanted = (
        f"expected {low:g} to {high:g} pixels, such as 12 or '12px', or a share of the subject's "
        f"longer side, '{lowest:g}%' to '{percent:g}%', such as .05 or '5%'"
    )
    if isinstance(value, str):
        match = _TEXT.fullmatch(value.strip())
        if match is None:
            raise OptionError(f"{name}={shown(value)} is not a length; {wanted}")
        number, unit = float(match[1]), match[2]
    elif isinstance(value, bool) or not isinstance(value, Real):
        raise checks.refused(name, value, wanted)
    else:
        # A huge int has no float, and comparisons with it work.
        number, unit = value if isinstance(value, int) else float(value), None
    if unit is None and 0 < abs(number) < 1:
        number, unit = 100 * number, "%"
    least, most = (lowest, percent) if unit == "%" else (low, high)
    if not least <= number <= most:
        raise OptionError(f"{name}={shown(value)} is out of range; {wanted}")
    return Measure(share=number / 100) if unit == "%" else Measure(pixels=float(number))


def lengths(
    name: str, value: object, order: Sequence[str], low: float, high: float, percent: float
) -> tuple[Measure, ...]:
    """One length for all, or one for each of `order`: a sequence, or text with commas.

    >>> lengths("crop", "5%", ("left", "right"), 0, 100, percent=1000)
    (Measure(pixels=0.0, share=0.05), Measure(pixels=0.0, share=0.05))
    """
    if isinstance(value, str) and "," in value:
        value = value.split(",")
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (length(name, value, low, high, percent),) * len(order)
    if len(value) != len(order):
        wanted = f"expected one, or {len(order)}: {', '.join(order)}"
        raise OptionError(f"{name}={shown(value)} has {len(value)} lengths; {wanted}")
    return tuple(length(name, part, low, high, percent) for part in value)


def scaled_text(text: str, factor: float) -> str:
    """Lengths as text, for a picture resized by `factor`: shares stay.

    >>> scaled_text("10,5%,-3px,0", 0.5)
    '5px,5%,-1.5px,0'
    """
    parts = []
    for part in text.split(","):
        match = _TEXT.fullmatch(part.strip())
        # Text that is no length is refused where it is used.
        stays = match is None or match[2] == "%" or (not match[2] and abs(float(match[1])) < 1)
        parts.append(part if match is None or stays else f"{float(match[1]) * factor:g}px")
    return ",".join(parts)
