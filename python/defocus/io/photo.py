"""A photograph in memory: upright RGB pixels, and what has to survive until it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from defocus import checks
from defocus.errors import ImageTooLargeError
from defocus.pixels.arrays import as_rgb
from defocus.pixels.samples import to_bytes

__all__ = [
    "Photo",
    "check_limit",
    "check_quality",
    "check_size",
]


@dataclass(frozen=True)
class Photo:
    """One decoded picture.

    `pixels` is uint8 or uint16, H x W x 3, upright, and may be a read-only or strided view of the
    caller's own array: read it, never write to it.  `is_array` says that the caller gave an
    array and gets one back.  `mode` is "L" when the source was grey, so that the result can
    be grey again.  `info` holds `icc_profile`, `exif`, `xmp`, `iptc` (bytes) and `dpi` (two floats)
    where the source had them, already in agreement with upright pixels; of a JPEG also `jpeg`, how
    it is encoded (`jpeg_source.encoding`), of a frame `duration` and `loop` (`decode.frames`).
    `lost` names what else the source had, and no result can hold.
    `format` is Pillow's name of the source's file format.  `alpha`, of the same dtype, is H x W
    where the source is partly transparent; colours are straight, and those of pixels with alpha 0
    are taken from around.  `frames` counts those in the file.
    """

    pixels: NDArray[Any]
    is_array: bool = False
    mode: Literal["RGB", "L"] = "RGB"
    info: Mapping[str, Any] = field(default_factory=dict)
    format: str | None = None
    alpha: NDArray[Any] | None = None
    frames: int = 1
    lost: tuple[str, ...] = ()

    @classmethod
    def from_array(cls, array: NDArray[Any]) -> Photo:
        """Take the caller's array as it is; ImageTypeError or ImageValueError if it will not do."""
        return cls(as_rgb(array), is_array=True)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def deep(self) -> bool:
        """Whether it has 16 bits a sample."""
        return self.pixels.dtype == np.uint16

    def in_bytes(self, threads: int | None = None) -> Photo:
        """This photo in 8 bits a sample."""
        if not self.deep:
            return self
        alpha = None if self.alpha is None else to_bytes(self.alpha, threads)
        return replace(self, pixels=to_bytes(self.pixels, threads), alpha=alpha)

    def part(self, box: tuple[int, int, int, int]) -> Photo:
        """What lies in the box (left, top, right, bottom): views of this photo's own pixels."""
        left, top, right, bottom = box
        inside = slice(top, bottom), slice(left, right)
        alpha = None if self.alpha is None else self.alpha[inside]
        return replace(self, pixels=self.pixels[inside], alpha=alpha)

    def in_colour(self) -> Photo:
        """This photo for a result that is opaque and in colour, whatever the source was."""
        kept = dict(self.info)
        if kept.get("icc_profile", b"")[16:20] == b"GRAY":
            del kept["icc_profile"]
        return replace(self, mode="RGB", info=kept, alpha=None)


def check_limit(max_pixels: int | None) -> None:
    """Refuse what is no limit: OptionTypeError or OptionError."""
    if max_pixels is not None:
        checks.whole("max_pixels", max_pixels, 1)


def check_quality(quality: int) -> None:
    """Refuse what is no quality, 1 to 100: OptionTypeError or OptionError."""
    checks.whole("quality", quality, 1, 100)


def check_size(name: str, width: int, height: int, max_pixels: int | None) -> None:
    """Refuse a picture that is larger than the limit: ImageTooLargeError."""
    if max_pixels is not None and width * height > max_pixels:
        error = ImageTooLargeError(
            f"{name} has {width} x {height} = {width * height} pixels, the limit is {max_pixels};"
            " raise max_pixels if you trust the picture"
        )
        error.limit, error.value = max_pixels, width * height
        raise error
