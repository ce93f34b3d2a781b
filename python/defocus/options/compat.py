"""The options of other libraries whose functions `compat` replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from defocus.errors import OptionError, OptionTypeError, shown
from defocus.options import checks

__all__ = ["Colour", "check_flags", "colour_of"]

Colour: TypeAlias = tuple[int, ...]  # red, green, blue, alpha


def check_flags(flags: Mapping[str, object]) -> None:
    """Raise OptionTypeError unless each is True or False."""
    for name, value in flags.items():
        checks.flag(name, value)


def colour_of(bgcolor: object) -> Colour | None:
    """The colour with its alpha.  Raises OptionTypeError or OptionError.

    >>> colour_of([1, 2, 3])
    (1, 2, 3, 255)
    """
    if bgcolor is None:
        return None
    wanted = "expected (red, green, blue, alpha), each 0 to 255"
    if not isinstance(bgcolor, tuple | list | np.ndarray) or getattr(bgcolor, "ndim", 1) == 0:
        raise OptionTypeError(f"bgcolor={shown(bgcolor)}; {wanted}")
    if len(bgcolor) not in (3, 4):
        raise OptionError(f"bgcolor={shown(bgcolor)} has {len(bgcolor)} values; {wanted}")
    values = [checks.whole("bgcolor", value, 0, 255) for value in bgcolor]
    return tuple(values) if len(values) == 4 else (*values, 255)
