"""The values that a shell can complete: fixed words, names of networks, files."""

from __future__ import annotations

from typing import get_args

from defocus import options
from defocus.frames.rawvideo import CHANNELS
from defocus.io.formats import FORMATS
from defocus.models import MODELS
from defocus.options import look, selection, storage

__all__ = ["choices_of", "is_file"]

_EXISTING = get_args(options.Existing)
_MODELS = tuple(MODELS)
# By flag, or by command and flag where commands differ, or by command and operand.
_CHOICES: dict[str, tuple[str, ...]] = {
    "--align": get_args(options.Align),
    "--bokeh": get_args(look.Bokeh),
    "--canvas": ("square",),
    "--compression": get_args(storage.Compression),
    "--effort": get_args(selection.Effort),
    "--every": ("auto",),
    "--existing": _EXISTING,
    "frames --existing": ("error", "overwrite"),
    "--format": tuple("heic" if name == "HEIF" else name.lower() for name in FORMATS),
    "--frames": ("first", "all"),
    "--ground": get_args(look.Ground),
    "--light": get_args(look.Light),
    "--model": _MODELS,
    "--no-subject": ("fail", "copy", "skip"),
    "--pixels": tuple(CHANNELS),
    "--provider": ("cpu", "cuda", "openvino"),
    "--ray": ("auto", "local"),
    "--same-name": get_args(options.SameName),
    "--select": ("all", "largest"),
    "--shadow": ("drop", "contact"),
    "--strip": get_args(storage.Strip),
    "--subsampling": get_args(storage.Subsampling),
    "pull NAME": _MODELS,
    "completion SHELL": ("bash", "zsh", "fish"),
}


def choices_of(command: str, name: str) -> tuple[str, ...]:
    """The words that a flag or an operand may have, if there are any.

    >>> choices_of("portrait", "--bokeh")
    ('gaussian', 'disc')
    """
    return _CHOICES.get(f"{command} {name}", _CHOICES.get(name, ()))


def is_file(name: str, metavar: str) -> bool:
    """Whether the value of a flag or an operand is a file or a folder.

    >>> is_file("--model", "NAME|FILE"), is_file("--jobs", "N")
    (True, False)
    """
    return "FILE" in metavar.split("|") or metavar == "IN" or name == "--output"
