"""The options of `portrait`, `cutout`, `mask` and `frames`, and their help.

An option that is not given is not in the namespace, so that the library's default applies.
The few in `_DEFAULTS` always are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = [
    "CUTOUT",
    "FRAMES",
    "INPUT_OUTPUT",
    "LENS",
    "MANY",
    "MATTE",
    "NETWORK",
    "RAY",
    "SUBJECT",
    "add",
]


class Flag(NamedTuple):
    """One option: its names, the word for its value (none for a switch), type and help."""

    names: str
    metavar: str | None
    type: type
    help: str


LENS = (
    Flag(
        "-f --aperture",
        "N",
        float,
        "f-number of the lens, smaller blurs more; 0.5 to 64 (default: 1.8)",
    ),
    Flag(
        "--focal-length",
        "MM",
        float,
        "focal length in mm on a full-frame camera; 5 to 2000 (default: 50)",
    ),
    Flag(
        "--distance",
        "M",
        float,
        "distance from lens to subject in metres; up to 10000 (default: 1.5)",
    ),
    Flag(
        "--sigma",
        "PX",
        float,
        "standard deviation of the blur in pixels, instead of a lens; above 0, up to 100000 "
        "(default: computed from the lens)",
    ),
    Flag("--bokeh", "SHAPE", str, "shape of a blurred point: gaussian or disc (default: gaussian)"),
    Flag("--blades", "N", int, "sides of the disc, with --bokeh disc; 5 to 9 (default: round)"),
    Flag(
        "--highlights",
        "X",
        float,
        "light added to specular highlights, as a multiple of white; 0 to 100 (default: 5 with "
        "--bokeh disc and --light linear, else 0)",
    ),
    Flag(
        "--light",
        "KIND",
        str,
        "values to blur: linear (amounts of light) or srgb (as stored) (default: linear)",
    ),
    Flag(
        "--depth",
        "FILE",
        str,
        "depth map, larger values are farther; the blur grows with the distance from the subject "
        "(default: none)",
    ),
    Flag(
        "--ramp",
        "Y",
        float,
        "row of the horizon, 0 (top) to 1 (bottom); the blur grows from the subject's feet to the "
        "horizon (default: none)",
    ),
    Flag(
        "--grain",
        "X",
        float,
        "film grain added back to the background, 1 is as measured; 0 to 10 (default: 0)",
    ),
)
SUBJECT = (
    Flag(
        "--select",
        "WHICH",
        str,
        "subjects to keep: all, largest, or those in a box LEFT,TOP,RIGHT,BOTTOM in pixels "
        "(default: all)",
    ),
    Flag(
        "--at",
        "X,Y",
        str,
        "keep only the subject at this pixel, counted from the top left (default: none)",
    ),
)
MATTE = (
    Flag(
        "--matte",
        "FILE",
        str,
        "image that replaces the network's matte; white or opaque is subject (default: none)",
    ),
)
CUTOUT = (
    Flag(
        "--background",
        "COLOUR|FILE",
        str,
        "colour (white, #ff8800) or image behind the subject (default: transparent)",
    ),
    Flag(
        "--crop",
        "MARGIN",
        float,
        "crop to the subject and a margin, as a share of its longer side; 0 to 10 (default: no "
        "crop)",
    ),
    Flag(
        "--alpha-floor",
        "A",
        float,
        "set alpha below this value to 0; 0 to 1 (default: 0.016, with --matte 0)",
    ),
    Flag(
        "--fill-holes",
        "SHARE",
        float,
        "fill holes smaller than this share of the subject; 0 to 1 (default: 0)",
    ),
)
NETWORK = (
    Flag(
        "--model",
        "NAME|FILE",
        str,
        "network that finds the subject: a name from 'defocus models list', or an ONNX file "
        "(default: u2net)",
    ),
    Flag(
        "--provider",
        "NAME",
        str,
        "ONNX Runtime provider that runs the network, such as cuda or openvino; repeat it for "
        "several, best first (default: cpu)",
    ),
    Flag("--effort", "E", str, "work to find the subject: fast, good or best (default: good)"),
    Flag("--threads", "N", int, "maximum number of threads; 1 or more (default: one per CPU)"),
)
INPUT_OUTPUT = (
    Flag(
        "--format",
        "NAME",
        str,
        "output format: jpeg, png, webp, tiff, avif or heic (default: by the extension of OUT)",
    ),
    Flag(
        "--quality",
        "Q",
        int,
        "encoder quality of JPEG, WebP, AVIF and HEIC; 1 to 100 (default: as the source JPEG, "
        "else 95; AVIF and HEIC 90)",
    ),
    Flag(
        "--subsampling",
        "S",
        str,
        "colour resolution of JPEG, AVIF and HEIC: 4:4:4, 4:2:2 or 4:2:0 (default: as the source "
        "JPEG, else 4:4:4)",
    ),
    Flag("--compression", "C", str, "PNG compression: fast or small (default: fast)"),
    Flag(
        "--strip",
        "WHAT",
        str,
        "metadata to remove: none, gps, or all of EXIF, XMP and IPTC (default: none)",
    ),
    Flag(
        "--frames", "F", str, "multi-frame input: process the first frame or all (default: first)"
    ),
    Flag(
        "--max-pixels",
        "N",
        int,
        "refuse images with more pixels than this; 1 or more (default: 178956970)",
    ),
    Flag("-q --quiet", None, bool, "print errors only, no warnings and no progress"),
)
MANY = (
    Flag(
        "-o --output",
        "OUT_FOLDER",
        str,
        "folder for the results, in the same tree as IN; for one image it may name a file "
        "(default: none)",
    ),
    Flag(
        "--existing",
        "HOW",
        str,
        "if a result exists: skip, update (if it is older than IN), overwrite, rename or error "
        "(default: skip)",
    ),
    Flag(
        "--same-name",
        "HOW",
        str,
        "if two images share a result name: error or rename (default: error, with --watch rename)",
    ),
    Flag(
        "--no-subject",
        "HOW",
        str,
        "if an image has no subject: fail, copy (portrait only) or skip (default: fail)",
    ),
    Flag("--jobs", "N", int, "images processed in parallel; 1 or more (default: one per CPU)"),
    Flag("--watch", None, bool, "process images that arrive in IN, until Ctrl-C"),
    Flag("--dry-run", None, bool, "list the planned results, and write nothing"),
    Flag(
        "--json",
        None,
        bool,
        "write a line of JSON for each image, and a summary, to standard output",
    ),
    Flag("--keep-going", None, bool, "continue after a failure (default)"),
    Flag("--fail-fast", None, bool, "stop at the first failure"),
)
RAY = (
    Flag(
        "--ray",
        "ADDRESS",
        str,
        "process on a Ray cluster: local, auto, HOST:PORT or ray://HOST:PORT; IN and OUT_FOLDER "
        "may be URLs such as s3://bucket/photos (default: no cluster)",
    ),
)
FRAMES = (
    Flag("--size", "WxH", str, "width and height of the frames in pixels (required)"),
    Flag("--pixels", "NAME", str, "pixel format of the input: rgb24 or rgba (default: rgb24)"),
    Flag("--cutout", None, bool, "make the background transparent; the output is rgba"),
    Flag(
        "--smooth",
        "X",
        float,
        "share of the previous mask that is kept where nothing moves; 0 to 0.98 (default: 0.8)",
    ),
    Flag(
        "--every",
        "K",
        str,
        "run the network on every K-th frame, 1 or more; or auto, when the image changes "
        "(default: auto)",
    ),
    Flag("-q --quiet", None, bool, "print errors only, no warnings and no frame rate"),
)

_DEFAULTS = {
    **dict.fromkeys(("--matte", "--model", "--provider", "--threads", "--format"), None),
    **dict.fromkeys(("--max-pixels", "-o --output", "--smooth"), None),
    **dict.fromkeys(("-q --quiet", "--cutout"), False),
    **{"--effort": "good", "--frames": "first", "--pixels": "rgb24", "--every": "auto"},
}


def add(command: argparse.ArgumentParser, title: str, flags: Iterable[Flag]) -> None:
    """Add a group of options."""
    group = command.add_argument_group(title)
    exclusive = group.add_mutually_exclusive_group() if flags is MANY else group
    for flag in flags:
        more: dict[str, Any] = {"default": _DEFAULTS.get(flag.names, argparse.SUPPRESS)}
        if flag.metavar is None:
            more["action"] = "store_true"
        else:
            more |= {"metavar": flag.metavar, "type": flag.type}
        if flag.names == "--provider":
            more |= {"action": "append", "dest": "providers"}
        if flag.names == "--size":
            more["required"] = True
        target = exclusive if flag.names in ("--keep-going", "--fail-fast") else group
        target.add_argument(*flag.names.split(), help=flag.help, **more)
