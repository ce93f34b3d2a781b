"""The options of `portrait`, `cutout`, `mask` and `frames`, and their help.

A key is the names of an option, with the word for its value and the value's type, if it has one.
An option that is not given is not in the namespace, so that the library's default applies.
The few in `_DEFAULTS` always are.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "CUTOUT",
    "FRAMES",
    "FRAME_CUTOUT",
    "GROUND",
    "INPUT_OUTPUT",
    "LENS",
    "MANY",
    "MARKS",
    "MATTE",
    "NETWORK",
    "RAY",
    "SUBJECT",
    "add",
    "names_of",
    "with_negative",
]

LENS = {
    "-f --aperture N float": "f-number of the lens, smaller blurs more; 0.5 to 64 (default: 1.8)",
    "--focal-length MM float": "focal length in mm on a full-frame camera; 5 to 2000 (default: 50)",
    "--distance M float": "distance from lens to subject in metres; up to 10000 (default: 1.5)",
    "--sigma PX float": (
        "standard deviation of the blur in pixels, instead of a lens; above 0, up to 100000 "
        "(default: computed from the lens)"
    ),
    "--bokeh SHAPE str": "shape of a blurred point: gaussian or disc (default: gaussian)",
    "--blades N int": "sides of the disc, with --bokeh disc; 5 to 9 (default: round)",
    "--highlights X float": (
        "light added to specular highlights, as a multiple of white; 0 to 100 (default: 5 with "
        "--bokeh disc and --light linear, else 0)"
    ),
    "--light KIND str": (
        "values to blur: linear (amounts of light) or srgb (as stored) (default: linear)"
    ),
    "--depth FILE str": (
        "depth map, larger values are farther; the blur grows with the distance from the subject "
        "(default: none)"
    ),
    "--ramp Y float": (
        "row of the horizon, 0 (top) to 1 (bottom); the blur grows from the subject's feet to the "
        "horizon (default: none)"
    ),
    "--grain X float": (
        "film grain added back to the background, 1 is as measured; 0 to 10 (default: 0)"
    ),
}
GROUND = {
    "--ground WHICH str": (
        "auto: the ground at the feet of a standing subject is in focus too, if it is found; "
        "or off (default: off)"
    ),
}
SUBJECT = {
    "--select WHICH str": (
        "subjects to keep: all, largest, or those in a box LEFT,TOP,RIGHT,BOTTOM in pixels "
        "(default: all)"
    ),
    "--at X,Y str": (
        "keep only the subject at this pixel, counted from the top left (default: none)"
    ),
}
MARKS = {
    "--box BOX str": (
        "a box around the subject, LEFT,TOP,RIGHT,BOTTOM in pixels; what is in it is found by its "
        "colours if the network finds something else (default: none)"
    ),
    "--keep FILE str": (
        "image of the size of the photo; its white or opaque strokes add what they touch "
        "(default: none)"
    ),
    "--remove FILE str": "the same, for strokes that remove what they touch (default: none)",
}
MATTE = {
    "--matte FILE str": (
        "image that replaces the network's matte; white or opaque is subject (default: none)"
    ),
}
_EDGE = {
    "--fill-holes SHARE float": (
        "fill holes smaller than this share of the subject; 0 to 1 (default: 0)"
    ),
    "--alpha-floor A float": (
        "set alpha below this value to 0; 0 to 1 (default: 0.016, with --matte 0)"
    ),
    "--threshold A float": (
        "hard edge: alpha from this value on becomes 1, the rest 0; above 0, up to 1 (default: "
        "soft edge)"
    ),
    "--grow LENGTH str": (
        "the outline grows, or shrinks if negative; pixels, or % of the subject's longer side: "
        "3 or -1% (default: 0)"
    ),
    "--feather LENGTH str": "blur of alpha, as pixels or % of the subject (default: 0)",
}
_GEOMETRY = {
    "--crop MARGIN str": (
        "crop to the subject and a margin of pixels or % of the subject; one value, or "
        "LEFT,TOP,RIGHT,BOTTOM (default: no crop)"
    ),
    "--canvas C str": (
        "outline of the result: square, a ratio such as 4:5, or pixels such as 1000x1000, to which "
        "the subject is resized (default: the frame)"
    ),
    "--fill SHARE float": (
        "share of the canvas that the subject takes; 0.05 to 1 (default: 1, less the margin)"
    ),
    "--align WHERE str": (
        "place of the subject on the canvas: center, top, bottom, left, right, top-left, "
        "top-right, bottom-left or bottom-right (default: center)"
    ),
    "--max-size PX int": (
        "shrink the result until its longer side has at most so many pixels (default: no limit)"
    ),
}
_BEHIND = {
    "--shadow SHADOW str": (
        "drop or contact, then any of offset=RIGHT,DOWN blur= spread= opacity= colour=, such as "
        "'drop blur=3% opacity=.6' (default: no shadow)"
    ),
    "--background COLOUR|FILE str": (
        "colour (white, #ff8800) or image behind the subject (default: transparent)"
    ),
}
CUTOUT = {**_EDGE, **_GEOMETRY, **_BEHIND}
# Frames of one video have one size.
FRAME_CUTOUT = {**_EDGE, **_BEHIND}
NETWORK = {
    "--model NAME|FILE str": (
        "network that finds the subject: a name from 'defocus models list', or an ONNX file "
        "(default: u2net)"
    ),
    "--provider NAME str": (
        "what runs the network: cpu, openvino, cuda, or another provider of ONNX Runtime; repeat "
        "it for several, best first (default: cpu)"
    ),
    "--effort E str": (
        "work to find the subject: fast, good, or best, which runs the network up to 4 times "
        "(default: good)"
    ),
    "--threads N int": "maximum number of threads; 1 or more (default: one per CPU)",
}
INPUT_OUTPUT = {
    "--format NAME str": (
        "output format: jpeg, png, webp, tiff, avif or heic (default: by the extension of OUT)"
    ),
    "--quality Q int": (
        "encoder quality of JPEG, WebP, AVIF and HEIC; 1 to 100 (default: as the source JPEG, "
        "else 95; AVIF and HEIC 90)"
    ),
    "--subsampling S str": (
        "colour resolution of JPEG, AVIF and HEIC: 4:4:4, 4:2:2 or 4:2:0 (default: as the source "
        "JPEG, else 4:4:4)"
    ),
    "--compression C str": "PNG compression: fast or small (default: fast)",
    "--strip WHAT str": (
        "metadata to remove: none, gps, or all of EXIF, XMP and IPTC (default: none)"
    ),
    "--frames F str": "multi-frame input: process the first frame or all (default: first)",
    "--max-pixels N int": (
        "refuse images with more pixels than this; 1 or more (default: 178956970)"
    ),
    "-q --quiet": "print errors only, no warnings and no progress",
}
MANY = {
    "-o --output OUT str": (
        "folder for the results, in the same tree as IN; or a file, for one image; or a name with "
        "a field for a number, such as out-%03d.png, for several images or frames (default: none)"
    ),
    "--existing HOW str": (
        "if a result exists: skip, update (if it is older than IN), overwrite, rename or error "
        "(default: skip in a folder, else error)"
    ),
    "--same-name HOW str": (
        "if two images share a result name: error or rename (default: error, with --watch rename)"
    ),
    "--no-subject HOW str": (
        "if an image has no subject: fail, copy (portrait only) or skip (default: fail)"
    ),
    "--jobs N int": "images processed in parallel; 1 or more (default: one per CPU)",
    "--watch": "process images that arrive in IN, until Ctrl-C",
    "--dry-run": "list the planned results, and write nothing",
    "--json": "write a line of JSON for each image, and a summary, to standard output",
    "--keep-going": "continue after a failure (default)",
    "--fail-fast": "stop at the first failure",
}
RAY = {
    "--ray ADDRESS str": (
        "process on a Ray cluster: local, auto, HOST:PORT or ray://HOST:PORT; IN and OUT_FOLDER "
        "may be URLs such as s3://bucket/photos (default: no cluster)"
    ),
}
FRAMES = {
    "--size WxH str": "width and height of the frames in pixels (required)",
    "--pixels NAME str": "pixel format of the input: rgb24 or rgba (default: rgb24)",
    "--cutout": "make the background transparent; the output is rgba",
    "--smooth X float": (
        "share of the previous mask that is kept where nothing moves; 0 to 0.98 (default: 0.8)"
    ),
    "--every K str": (
        "run the network on every K-th frame, 1 or more; or auto, when the image changes "
        "(default: auto)"
    ),
    "-o --output NAME str": (
        "write each frame to a file, with a field for its number, such as out-%03d.png (default: "
        "raw frames on standard output)"
    ),
    "--existing HOW str": "with -o, if such files exist: overwrite or error (default: error)",
    "-q --quiet": "print errors only, no warnings and no frame rate",
}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number, such as 1.4") from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


_COORDINATES = ("--box", "--at", "--select", "--grow")
_DIGITS = tuple("0123456789.")
_TYPES = {"str": str, "int": _whole, "float": _number}
_DEFAULTS = {
    **dict.fromkeys(("--matte", "--model", "--provider", "--threads", "--format"), None),
    **dict.fromkeys(("--max-pixels", "--output", "--smooth"), None),
    **dict.fromkeys(("--quiet", "--cutout"), False),
    **{"--effort": "good", "--frames": "first", "--pixels": "rgb24", "--every": "auto"},
}


def add(command: argparse.ArgumentParser, title: str, flags: Mapping[str, str]) -> None:
    """Add a group of options."""
    group = command.add_argument_group(title)
    exclusive = group.add_mutually_exclusive_group() if flags is MANY else group
    for key, text in flags.items():
        names = names_of(key)
        name, value = names[-1], key.split()[len(names) :]
        more: dict[str, Any] = {"default": _DEFAULTS.get(name, argparse.SUPPRESS)}
        more["help"] = text.replace("%", "%%")  # argparse formats it
        if value:
            more |= {"metavar": value[0], "type": _TYPES[value[1]]}
        else:
            more["action"] = "store_true"
        if name == "--provider":
            more |= {"action": "append", "dest": "providers"}
        if name == "--size":
            more["required"] = True
        target = exclusive if name in ("--keep-going", "--fail-fast") else group
        target.add_argument(*names, **more)


def names_of(key: str) -> list[str]:
    """The names of an option.

    >>> names_of("-f --aperture N float")
    ['-f', '--aperture']
    """
    return [word for word in key.split() if word.startswith("-")]


def with_negative(arguments: Sequence[str]) -> list[str]:
    """The arguments, with each flag of coordinates and a value such as -5,10 joined by "=".

    argparse would take the value for an option.

    >>> with_negative(["--box", "-5,10,90,80", "in.jpg"])
    ['--box=-5,10,90,80', 'in.jpg']
    """
    joined: list[str] = []
    for word in arguments:
        if joined and joined[-1] in _COORDINATES and word[:1] == "-" and word[1:2] in _DIGITS:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
