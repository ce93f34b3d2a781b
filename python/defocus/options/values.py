"""Single options that several functions take: one function for each."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, Literal, TypeAlias

from defocus.errors import OptionError, OptionTypeError, shown, type_of
from defocus.options import checks

__all__ = [
    "LARGEST_SIDE",
    "Every",
    "check_counts",
    "check_every",
    "check_format",
    "check_function",
    "check_jobs",
    "check_kernel",
    "check_limit",
    "check_masked",
    "check_paths",
    "check_port",
    "check_seconds",
    "check_size",
    "check_smooth",
    "check_targets",
    "check_threads",
    "check_times",
    "elements",
    "instance",
]

Every: TypeAlias = int | Literal["auto"]

LARGEST_SIDE = 2**28 - 1  # offsets within a row of pixels are 32-bit
_LARGEST_TIME = (1 << 24) - 1  # of durations and numbers of plays


# --- how the work is done -------------------------------------------------------------------------


def check_threads(threads: int | None) -> int | None:
    """`threads` as a plain int; None stays None and means all that the process may use.

    Raises OptionTypeError unless it is an integer (True and 2.0 are not), OptionError below 1.

    >>> check_threads(2)
    2
    """
    if threads is None:
        return None
    return checks.whole("threads", threads, 1, unit="or None for all that the process may use")


def check_jobs(jobs: int | None) -> None:
    """Refuse a number of jobs below 1: OptionTypeError or OptionError."""
    if jobs is not None:
        checks.whole("jobs", jobs, 1)


def check_counts(counts: Mapping[str, object], *, least: int = 1) -> None:
    """Refuse what is not a whole number of `least` or more: OptionTypeError or OptionError."""
    for name, value in counts.items():
        checks.whole(name, value, least)


def check_seconds(times: Mapping[str, object]) -> None:
    """Refuse what is not a time above 0: OptionTypeError or OptionError."""
    for name, value in times.items():
        checks.number(name, value, 0.0, unit="seconds", above=True)


def check_port(port: object) -> None:
    """Refuse what is not a port, 0 to 65535: OptionTypeError or OptionError."""
    checks.whole("port", port, 0, 65535)


def check_limit(max_pixels: int | None) -> None:
    """Refuse a limit of pixels below 1: OptionTypeError or OptionError."""
    if max_pixels is not None:
        checks.whole("max_pixels", max_pixels, 1)


def check_function(fn: object, wanted: str, known: Sequence[Callable[..., Any]] = ()) -> None:
    """Refuse what cannot be called, or is none of those `known`: OptionTypeError."""
    if not callable(fn) or (known and not any(fn is one for one in known)):
        raise checks.refused("fn", fn, wanted)


def instance(name: str, value: object, kind: type, wanted: str) -> None:
    """Refuse a value that is not of this type: OptionTypeError."""
    if not isinstance(value, kind):
        raise OptionTypeError(f"{name} is {type_of(value)}; expected {wanted}")


def elements(name: str, values: object) -> Iterator[Any]:
    """An iterator of `values`; nothing is taken from it yet.  Raises OptionTypeError."""
    return checks.each(name, values, f"expected an iterable of {name}")


# --- files ----------------------------------------------------------------------------------------


def check_format(format: object, known: Sequence[str]) -> None:
    """Refuse the name of a format that is not a string: OptionTypeError."""
    checks.text("format", format, f"expected one of {', '.join(known)}")


def check_times(duration: float | None, loop: int | None) -> None:
    """Check the milliseconds of a frame and the number of plays: OptionTypeError or OptionError."""
    if duration is not None:
        checks.number("duration", duration, 0, _LARGEST_TIME, "milliseconds")
    if loop is not None:
        checks.whole("loop", loop, 0, _LARGEST_TIME)


def check_paths(inputs: object, out_folder: object) -> None:
    """Refuse what does not name files: OptionTypeError."""
    wanted = "expected a list of paths and patterns, as strings"
    if isinstance(inputs, (str, bytes)) or not isinstance(inputs, Sequence):
        raise checks.refused("inputs", inputs, wanted)
    for name in inputs:
        checks.text("one of inputs", name, wanted)
    checks.text("out_folder", out_folder, "expected the path of a folder")


def check_targets(targets: object) -> None:
    """Refuse what is neither a mapping nor a reference of Ray to one: OptionTypeError."""
    reference = any(kind.__name__ == "ObjectRef" for kind in type(targets).__mro__)
    if not (targets is None or isinstance(targets, Mapping) or reference):
        wanted = "expected a mapping of paths, or Ray's reference to one"
        raise checks.refused("targets", targets, wanted)


# --- video ----------------------------------------------------------------------------------------


def check_smooth(smooth: float) -> float:
    """`smooth` as a float.  Raises OptionTypeError or OptionError unless it is 0 to .98."""
    return checks.number("smooth", smooth, 0.0, 0.98, "the share of the past where nothing moves")


def check_every(every: object) -> None:
    """Refuse what is not "auto" or an integer of 1 or more: OptionTypeError or OptionError."""
    wanted = "expected 'auto' or an integer of 1 or more: the network looks at every so many frames"
    if isinstance(every, str) and every == "auto":
        return
    if isinstance(every, bool) or not isinstance(every, (Integral, str)):
        raise checks.refused("every", every, wanted)
    if isinstance(every, str) or every < 1:
        raise OptionError(f"every={shown(every)} is out of range; {wanted}")


# --- kernels --------------------------------------------------------------------------------------


def check_kernel(sigma: object) -> float:
    """`sigma` of a kernel as a float: any above 0.  Raises OptionTypeError or OptionError."""
    return checks.number("sigma", sigma, 0.0, unit="pixels", above=True)


def check_masked(masked: object) -> bool:
    """`masked` as a bool.  Raises OptionTypeError."""
    return checks.flag("masked", masked)


def check_size(size: object) -> tuple[int, int]:
    """A width and a height as plain ints.  Raises OptionTypeError or OptionError."""
    wanted = f"expected (width, height) in pixels, both integers from 1 to {LARGEST_SIDE}"
    text = shown(size)
    try:
        sides = tuple(map(operator.index, size))  # type: ignore[call-overload]
    except TypeError:
        raise OptionTypeError(f"size={text} is not a pair of integers; {wanted}") from None
    if len(sides) != 2 or not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise OptionError(f"size={text} is out of range; {wanted}")
    return sides[0], sides[1]
