"""The values of options, checked: one function for each kind, which says on one line what is wrong.

All raise OptionTypeError for a value of the wrong type, and OptionError for one out of range.
They return the value as a plain Python object.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from defocus.errors import OptionError, OptionTypeError, shown, type_of

__all__ = [
    "choice",
    "each",
    "flag",
    "keywords",
    "number",
    "options",
    "refused",
    "text",
    "whole",
]


def refused(name: str, value: object, wanted: str) -> OptionTypeError:
    """The error for a value of the wrong type."""
    kind = "" if value is None else f" is {type_of(value)}"
    return OptionTypeError(f"{name}={shown(value)}{kind}; {wanted}")


def flag(name: str, value: object) -> bool:
    """True or False, Python's or numpy's.

    >>> flag("masked", True)
    True
    """
    if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
        raise refused(name, value, "expected True or False")
    return bool(value)


def text(name: str, value: object, wanted: str) -> str:
    """A string of any content."""
    if not isinstance(value, str):
        raise refused(name, value, wanted)
    return value


def each(name: str, values: object, wanted: str) -> Iterator[Any]:
    """An iterator of whatever can be iterated; nothing is taken from it yet."""
    try:
        return iter(values)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        raise refused(name, values, wanted) from None


def choice(name: str, value: object, known: Sequence[str], wanted: str = "") -> str:
    """One of several strings; `wanted` explains them."""
    wanted = wanted or f"expected one of {', '.join(known)}"
    if not isinstance(value, str):
        raise refused(name, value, wanted)
    if value not in known:
        raise OptionError(f"{name}={shown(value)} is unknown; {_meant(value, known)}{wanted}")
    return str(value)


def number(
    name: str,
    value: object,
    low: float,
    high: float = math.inf,
    unit: str = "",
    *,
    above: bool = False,
) -> float:
    """A finite number from `low` to `high`, or above `low`."""
    expected = f"expected {'above ' if above else ''}{low:g} to {high:g}"
    if high == math.inf:
        expected = f"expected a finite number {f'above {low:g}' if above else f'from {low:g} on'}"
    expected += unit and f" ({unit})"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise refused(name, value, expected)
    try:
        plain = float(value)
    except OverflowError:  # a huge int
        plain = math.inf
    if not (math.isfinite(plain) and (low < plain if above else low <= plain) and plain <= high):
        raise OptionError(f"{name}={shown(value)} is out of range; {expected}")
    return plain


def whole(name: str, value: object, low: int, high: int | None = None, unit: str = "") -> int:
    """A whole number from `low` to `high`; True and 2.0 are none."""
    expected = f"expected a whole number, {low} {'or more' if high is None else f'to {high}'}"
    expected += unit and f" ({unit})"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise refused(name, value, expected)
    plain = int(value)
    if plain < low or (high is not None and plain > high):
        raise OptionError(f"{name}={shown(value)} is out of range; {expected}")
    return plain


def options(name: str, value: object, known: Iterable[str]) -> Mapping[str, Any]:
    """A mapping of some of the options `known` to their values."""
    if not isinstance(value, Mapping):
        raise refused(name, value, "expected a mapping of options to their values")
    keywords(value, known, name)
    return value


def keywords(given: Iterable[object], known: Iterable[str], of: str) -> None:
    """Refuse names that are none of those `known`, which `of` takes, and say which is meant."""
    names = list(known)
    for name in given:
        if name not in names:
            meant = f"{_meant(name, names)}expected some of {', '.join(names)}"
            raise OptionTypeError(f"{of} takes no option {shown(name)}; {meant}")


def _meant(value: object, known: Sequence[str]) -> str:
    """The closest of the known strings, as a question; empty if none is close."""
    from difflib import get_close_matches  # for errors only

    close = get_close_matches(str(value), known, 1, 0.65)
    return f"did you mean {close[0]!r}? " if close else ""
