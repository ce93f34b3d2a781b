"""The options that say how a picture is stored: their flags and what they mean."""

from __future__ import annotations

import argparse
from typing import Any

from defocus.errors import OptionError

__all__ = ["add_flags", "every_frame", "settings"]

_NAMES = ("quality", "subsampling", "compression", "strip")


def add_flags(command: argparse.ArgumentParser) -> None:
    """Add --quality, --subsampling, --compression, --strip and --frames."""
    add, unset = command.add_argument, argparse.SUPPRESS
    add(
        "--quality",
        metavar="Q",
        type=int,
        default=unset,
        help="1 to 100, for JPEG, WebP, AVIF and HEIC (a JPEG of a JPEG: as that)",
    )
    add("--subsampling", metavar="S", default=unset, help="4:4:4, 4:2:2 or 4:2:0 (likewise)")
    add("--compression", metavar="C", default=unset, help="of PNG: fast or small (fast)")
    add("--strip", metavar="WHAT", default=unset, help="gps, or all of EXIF, XMP and IPTC (none)")
    add("--frames", metavar="F", default="first", help="of several: first or all (first)")


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """What the flags ask for, as `save` and `Storage` take it."""
    return {name: vars(options)[name] for name in _NAMES if name in options}


def every_frame(options: argparse.Namespace) -> bool:
    """Whether all frames are meant.  Raises OptionError."""
    if options.frames not in ("first", "all"):
        raise OptionError(f"--frames {options.frames!r} is unknown; expected first or all")
    for name in ("subsampling", "compression"):
        if options.frames == "all" and name in options:
            raise OptionError(f"--{name} is not for --frames all; drop one of the two")
    return bool(options.frames == "all")
