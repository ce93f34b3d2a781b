"""The options that choose the subject and finish a cutout: their flags and what they mean."""

from __future__ import annotations

import argparse
from typing import Any

from defocus.errors import OptionError

__all__ = ["add_finish", "add_select", "finish_options", "select_options"]

_FINISH = ("background", "crop", "alpha_floor", "fill_holes")
_UNSET: dict[str, Any] = {"default": argparse.SUPPRESS}


def add_select(command: argparse.ArgumentParser) -> None:
    """Add --select and --at."""
    command.add_argument(
        "--select",
        metavar="WHICH",
        help="of several subjects: all, largest, or a box LEFT,TOP,RIGHT,BOTTOM in pixels (all)",
        **_UNSET,
    )
    command.add_argument("--at", metavar="X,Y", help="the subject at this pixel", **_UNSET)


def add_finish(command: argparse.ArgumentParser) -> None:
    """Add what finishes a cutout."""
    number: dict[str, Any] = {"type": float, **_UNSET}
    add = command.add_argument
    add(
        "--background",
        metavar="COLOUR|FILE",
        help="put it on a colour (white, #ff8800) or a picture instead",
        **_UNSET,
    )
    add("--crop", metavar="MARGIN", help="crop to the subject, with so much of its size", **number)
    add("--alpha-floor", metavar="A", help="alpha below this becomes 0, 0 to 1 (.016)", **number)
    add("--fill-holes", metavar="SHARE", help="fill holes below this share of it (0)", **number)


def select_options(options: argparse.Namespace) -> dict[str, Any]:
    """What the flags choose, as `find_subject` takes it.  Raises OptionError."""
    given = vars(options)
    asked: dict[str, str] = {name: given[name] for name in ("select", "at") if name in given}
    if not asked:
        return {}
    if len(asked) == 2:
        raise OptionError("--at and --select both choose the subject; drop one")
    if given.get("matte") is not None:
        raise OptionError(f"--matte is the choice already; drop it or --{next(iter(asked))}")
    if "at" in asked:
        return {"select": _numbers("--at", asked["at"], 2, "X,Y")}
    if asked["select"] in ("all", "largest"):
        return {"select": asked["select"]}
    return {"select": _numbers("--select", asked["select"], 4, "all, largest or L,T,R,B")}


def finish_options(options: argparse.Namespace) -> dict[str, Any]:
    """What the flags ask for, as `cutout` takes it."""
    return {name: vars(options)[name] for name in _FINISH if name in options}


def _numbers(flag: str, text: str, count: int, expected: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count:
        raise OptionError(f"{flag} {text!r} is not understood; expected {expected}, in pixels")
    return numbers
