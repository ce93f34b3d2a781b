"""Values of the options, as the library takes them."""

from __future__ import annotations

import argparse
from typing import Any

from defocus.errors import OptionError

__all__ = [
    "cutout_options",
    "every_frame",
    "lens_options",
    "look_options",
    "needs_alpha",
    "no_subject",
    "save_options",
    "select_options",
]

_LENS = ("aperture", "focal_length", "distance", "sigma")
_LOOK = ("bokeh", "blades", "highlights", "light", "ramp", "ground", "grain")
_CUTOUT = (
    "fill_holes",
    "alpha_floor",
    "threshold",
    "grow",
    "feather",
    "crop",
    "canvas",
    "fill",
    "align",
    "max_size",
    "shadow",
    "background",
)
_SAVE = ("quality", "subsampling", "compression", "strip")


def lens_options(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of `Lens`."""
    return _given(options, _LENS)


def look_options(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of `Look`."""
    return _given(options, _LOOK)


def cutout_options(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of `cutout`.  A background is a file name or a colour."""
    return _given(options, _CUTOUT)


def save_options(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of `save`."""
    return _given(options, _SAVE)


def every_frame(options: argparse.Namespace) -> bool:
    """Whether --frames is all.  Raises OptionError."""
    if options.frames not in ("first", "all"):
        raise OptionError(f"--frames {options.frames!r} is unknown; expected first or all")
    animated = options.frames == "all" and options.numbered is None
    for name in ("subsampling", "compression"):
        if animated and name in options:
            raise OptionError(f"--{name} does not apply to --frames all; remove one of them")
    return bool(options.frames == "all")


def no_subject(options: argparse.Namespace) -> Any:
    """The value of --no-subject.  Raises OptionError for a copy of another command."""
    how = vars(options).get("no_subject", "fail")
    if how not in ("fail", "copy", "skip"):
        raise OptionError(f"--no-subject {how!r} is unknown; expected fail, copy or skip")
    if how == "copy" and options.command != "portrait":
        raise OptionError("--no-subject copy is for portrait only; use fail or skip")
    return "raise" if how == "fail" else how


def select_options(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of `find_subject`, but for files.  Raises OptionError."""
    given: dict[str, str] = _given(options, ("box", "keep", "remove", "select", "at"))
    if not given:
        return {}
    chosen = [name for name in ("at", "select") if name in given]
    if chosen and len(given) > 1:
        other = next(name for name in given if name != chosen[0])
        raise OptionError(f"--{chosen[0]} and --{other} both say which subject; remove one of them")
    if vars(options).get("matte") is not None:
        flag = next(iter(given))
        raise OptionError(f"--matte already sets the subject; remove --matte or --{flag}")
    if not chosen:
        box = given.get("box")
        return {} if box is None else {"box": _numbers("--box", box, 4, "LEFT,TOP,RIGHT,BOTTOM")}
    if "at" in given:
        return {"select": _numbers("--at", given["at"], 2, "X,Y")}
    if given["select"] in ("all", "largest"):
        return {"select": given["select"]}
    return {"select": _numbers("--select", given["select"], 4, "all, largest or L,T,R,B")}


def needs_alpha(options: argparse.Namespace) -> bool:
    """Whether the output needs a format with alpha."""
    return options.command == "cutout" and "background" not in options


def _given(options: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: vars(options)[name] for name in names if name in options}


def _numbers(flag: str, text: str, count: int, expected: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count:
        raise OptionError(f"{flag} {text!r} is not valid; expected {expected}, in pixels")
    return numbers
