"""What is done with every image of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from defocus.io import maps
from defocus.io.canvas.background import Background, check_background
from defocus.models.segmenter import Segmenter
from defocus.options import FINDING, Command, NoSubject, Storage, check_recipe
from defocus.pipeline.matte_source import MatteSource
from defocus.pixels.arrays import as_array

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is done with every image of a batch.  It can be pickled if its values can.

    Parameters
    ----------
    command : {"portrait", "cutout", "mask"}, default "portrait"
        What to make.
    options : mapping, optional
        Keywords of `portrait` or `cutout`; of `find_subject` for "mask".
    finding : mapping, optional
        `box`, `points`, `keep`, `remove`, `select` and `effort`, which may be in `options` instead.
    saving : mapping, optional
        Keywords of `save`, except `format`.
    segmenter : Segmenter, optional
        The network; by default the process shares one.
    max_pixels : int, optional
        Files with more pixels are refused.
    no_subject : {"raise", "copy", "skip"}, default "raise"
        What becomes of a photograph without a subject: an error, a copy, or nothing.
    every_frame : bool, default False
        Whether all frames or pages are processed, not the first alone.

    Raises
    ------
    OptionError, OptionTypeError, ImageTypeError, ImageValueError
        No image could be made with these values, or an option is unknown.

    Examples
    --------
    >>> Recipe(command="cutout", options={"crop": "10%"}, no_subject="copy").command
    'cutout'
    """

    command: Command = "portrait"
    options: Mapping[str, Any] = field(default_factory=dict)
    finding: Mapping[str, Any] = field(default_factory=dict)
    saving: Mapping[str, Any] = field(default_factory=dict)
    segmenter: Segmenter | None = None
    max_pixels: int | None = None
    no_subject: NoSubject = "raise"
    every_frame: bool = False

    def __post_init__(self) -> None:
        """Check every value that can be checked without an image."""
        check_recipe(
            command=self.command,
            no_subject=self.no_subject,
            every_frame=self.every_frame,
            options=self.options,
            finding=self.finding,
            saving=self.saving,
        )
        given = {**self.options, **self.finding}
        MatteSource(
            matte=given.get("matte"),
            **{name: given[name] for name in FINDING if name in given},
            segmenter=self.segmenter,
            max_pixels=self.max_pixels,
        )
        _check_images(given)

    @property
    def storage(self) -> Storage:
        """How results are stored."""
        return Storage(**{name: value for name, value in self.saving.items() if name != "threads"})

    @property
    def reencodes(self) -> bool:
        """Whether `saving` asks for anything, so that a copy is not the same file."""
        return any(v is not None for name, v in self.saving.items() if name != "threads")


_MAPS: Mapping[str, Callable[[Any], Any]] = {
    "matte": maps.read_matte,
    "keep": partial(maps.read_matte, name="keep"),
    "remove": partial(maps.read_matte, name="remove"),
    "depth": maps.read_depth,
}


def _check_images(options: Mapping[str, Any]) -> None:
    """Refuse what is not an image, and arrays with bad values.  No file is read."""
    for name, read in _MAPS.items():
        source = options.get(name)
        if source is not None:
            maps.check_kind(name, source)
        array = as_array(source)
        if array is not None:
            read(array)
    background = options.get("background")
    if background is not None and not isinstance(background, Background):
        check_background(background)
