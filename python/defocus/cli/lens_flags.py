"""The flags of the lens and of what is out of focus, and what they mean."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["LENS", "LOOK", "add_lens", "add_network", "lens_options"]

LENS = ("aperture", "focal_length", "distance", "sigma")
LOOK = ("bokeh", "blades", "highlights", "light", "ramp", "grain")
_UNSET: dict[str, Any] = {"default": argparse.SUPPRESS}


def add_lens(command: argparse.ArgumentParser) -> None:
    """Add the flags; those that are not given are not in the options."""
    add, number = command.add_argument, {"type": float, **_UNSET}
    add("-f", "--aperture", metavar="N", help="f-number, smaller is softer (1.8)", **number)
    add("--focal-length", metavar="MM", help="on a full-frame camera (50)", **number)
    add("--distance", metavar="M", help="from lens to subject in metres (1.5)", **number)
    add("--sigma", metavar="PX", help="blur by this many pixels instead of by a lens", **number)
    add("--bokeh", metavar="SHAPE", help="gaussian or disc (gaussian)", **_UNSET)
    add("--blades", metavar="N", type=int, help="5 to 9 sides instead of a round disc", **_UNSET)
    add("--highlights", metavar="X", help="light of lamps, with discs (5)", **number)
    add("--light", metavar="KIND", help="linear or srgb (linear)", **_UNSET)
    add("--depth", metavar="FILE", help="a depth map, larger is farther", **_UNSET)
    add("--grain", metavar="X", help="noise given back, 1 is all (0)", **number)
    add("--ramp", metavar="Y", help="horizon, 0 (top) to 1: blur by ground", **number)


def add_network(command: argparse.ArgumentParser) -> None:
    """Add the flags of the network and of what it may use."""
    add = command.add_argument
    add(
        "--model", metavar="NAME|FILE", help="the network: a name of 'models list', or an ONNX file"
    )
    provider: dict[str, Any] = {"action": "append", "dest": "providers", "metavar": "NAME"}
    add(
        "--provider",
        help="what runs the network: cuda, openvino, ... (cpu); repeatable",
        **provider,
    )
    add("--effort", metavar="E", default="good", help="fast, good or best edges (good)")
    add("--threads", metavar="N", type=int, help="use at most so many threads (all there are)")


def lens_options(options: argparse.Namespace) -> dict[str, Any]:
    """What the flags ask for, as `portrait` takes it; a depth map is still its file's name."""
    given = vars(options)
    return {name: given[name] for name in (*LENS, *LOOK, "depth") if name in given}
