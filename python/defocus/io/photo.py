"""A photograph in memory: upright RGB pixels, and the metadata to keep until it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTooLargeError
from defocus.pixels.arrays import Layout, parts
from defocus.pixels.samples import to_bytes

__all__ = [
    "Photo",
    "check_size",
]


@dataclass(frozen=True)
class Photo:
    """One decoded image.

    Attributes
    ----------
    pixels : uint8 or uint16 array, H x W x 3, upright
        May be a read-only or strided view of the caller's own array.  Never write to it.
    layout : Layout or None
        That of the array that the caller passed, who receives arrays.  None for other sources.
    mode : {"RGB", "L"}
        "L" if the source was grey, so that the result can be grey too.
    info : mapping
        `icc_profile`, `exif`, `xmp`, `iptc` (bytes) and `dpi` (two floats), as far as the source
        had them.
        They agree with upright pixels.  A JPEG also has `jpeg`, how it was encoded
        (`jpeg_source.encoding`).  A frame has `duration` and `loop` (`decode.frames`).
    format : str or None
        Pillow's name of the file format of the source.
    alpha : array of the dtype of `pixels`, H x W, or None
        None if the source is opaque.  Colours are straight.
        Pixels with alpha 0 have the colours of their surroundings.
    frames : int
        The number of frames in the file.
    lost : tuple of str
        Names of metadata that the source had and no result can hold.
    """

    pixels: NDArray[Any]
    layout: Layout | None = None
    mode: Literal["RGB", "L"] = "RGB"
    info: Mapping[str, Any] = field(default_factory=dict)
    format: str | None = None
    alpha: NDArray[Any] | None = None
    frames: int = 1
    lost: tuple[str, ...] = ()

    @classmethod
    def from_array(cls, array: NDArray[Any]) -> Photo:
        """Use the caller's array, without a copy if it is RGB of uint8 or uint16.

        Raises ImageTypeError or ImageValueError.
        """
        pixels, alpha, layout = parts(array)
        mode: Literal["RGB", "L"] = "L" if layout.channels in (0, 1) else "RGB"
        return cls(pixels, layout=layout, mode=mode, alpha=alpha)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def deep(self) -> bool:
        """Whether it has 16 bits per sample."""
        return self.pixels.dtype == np.uint16

    def in_bytes(self, threads: int | None = None) -> Photo:
        """Return this photo with 8 bits per sample."""
        if not self.deep:
            return self
        alpha = None if self.alpha is None else to_bytes(self.alpha, threads)
        return replace(self, pixels=to_bytes(self.pixels, threads), alpha=alpha)

    def part(self, box: tuple[int, int, int, int]) -> Photo:
        """Return the part in the box (left, top, right, bottom), as views of the same pixels."""
        left, top, right, bottom = box
        inside = slice(top, bottom), slice(left, right)
        alpha = None if self.alpha is None else self.alpha[inside]
        return replace(self, pixels=self.pixels[inside], alpha=alpha)

    def in_colour(self) -> Photo:
        """Return this photo for a result that is opaque and in colour."""
        kept = dict(self.info)
        if kept.get("icc_profile", b"")[16:20] == b"GRAY":
            del kept["icc_profile"]
        layout = None if self.layout is None else self.layout.in_colour()
        return replace(self, mode="RGB", info=kept, alpha=None, layout=layout)


def check_size(name: str, width: int, height: int, max_pixels: int | None) -> None:
    """Raise ImageTooLargeError for an image above the limit."""
    if max_pixels is not None and width * height > max_pixels:
        error = ImageTooLargeError(
            f"{name} has {width} x {height} = {width * height} pixels, the limit is {max_pixels};"
            " raise max_pixels if you trust the image"
        )
        error.limit, error.value = max_pixels, width * height
        raise error
