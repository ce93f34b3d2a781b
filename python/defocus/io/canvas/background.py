"""The background of a cutout: a colour, or an image that is cropped and resized to fit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageValueError, InputNotFoundError, OptionError, OptionTypeError, shown
from defocus.io import decode, pillow
from defocus.io.colour import output_colour
from defocus.io.open import ImageSource
from defocus.pixels.arrays import as_array
from defocus.pixels.samples import Pixels, like

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Background", "BackgroundSource", "check_background", "colour_of"]

# The values of `background=`.
BackgroundSource: TypeAlias = str | Sequence[int] | ImageSource

_COLOURS = "expected a colour: 'white', '#ff8800' or three integers from 0 to 255"
_EXPECTED = (
    "expected a colour ('white', '#ff8800' or three integers from 0 to 255) or an image "
    "(a path, bytes, a binary file, a PIL image or an array)"
)
_TEXT = "a colour such as 'white' or '#ff8800', or the path of an image"


class Background:
    """A background, checked and decoded.

    A string that names a colour is a colour.  Any other string, and every `os.PathLike`, is a path.
    Raises OptionError or OptionTypeError for other values, and the errors of `decode.read` for a
    bad image.
    """

    def __init__(self, background: BackgroundSource, *, max_pixels: int | None = None) -> None:
        colour = check_background(background)
        self._content: Pixels
        if colour is not None:
            self._content = np.array(colour, np.uint8)
            return
        try:
            photo = decode.read(cast("ImageSource", background), max_pixels=max_pixels)
        except InputNotFoundError as error:
            problem = f"background={shown(background)} is neither a colour nor a file"
            raise OptionError(f"{problem}; expected {_TEXT}") from error
        if photo.alpha is not None:
            raise ImageValueError(
                "the background has transparent pixels; composite it on a colour first, for example"
                " with PIL.Image.alpha_composite"
            )
        self._content = output_colour.as_srgb(photo.pixels, photo.info)

    def fit(self, size: tuple[int, int], dtype: np.dtype[Any]) -> Pixels:
        """Return the colour, shape (3,), or the middle of the image, H x W x 3, that just covers
        `size`.

        The samples have `dtype`, uint8 or uint16.
        """
        if self._content.ndim == 1:
            return like(self._content, dtype)
        pillow.load()
        from PIL import Image

        height, width = self._content.shape[:2]
        scale = min(width / size[0], height / size[1])
        left, top = (width - size[0] * scale) / 2, (height - size[1] * scale) / 2
        box = (max(left, 0.0), max(top, 0.0), min(width - left, width), min(height - top, height))
        content = self._content if dtype == np.uint16 else like(self._content, dtype)

        def resized(plane: NDArray[Any]) -> NDArray[Any]:
            picture: Image.Image = Image.fromarray(plane)
            return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box))

        if content.dtype == np.uint8:
            return like(np.asarray(resized(content), np.uint8), dtype)
        planes = [resized(content[..., c].astype(np.float32)) for c in range(3)]
        return np.asarray(np.clip(np.rint(np.dstack(planes)), 0, 65535), np.uint16)


def check_background(background: object) -> tuple[int, ...] | None:
    """Return the colour, or None for an image, which is not read.

    Raises OptionError or OptionTypeError for anything else.
    """
    colour = _colour(background)
    if colour is not None:
        return colour
    kinds = (str, bytes, bytearray, memoryview, os.PathLike)
    picture = isinstance(background, kinds) or hasattr(background, "read")
    if not (picture or hasattr(background, "getbands") or as_array(background) is not None):
        raise OptionTypeError(f"background={shown(background)} is not an image; {_EXPECTED}")
    return None


def colour_of(name: str, value: object) -> tuple[int, ...]:
    """The colour that a caller means by the option `name`.  Raises OptionError.

    >>> colour_of("shadow colour", "white")
    (255, 255, 255)
    """
    colour = _colour(value, name, _COLOURS)
    if colour is None:
        raise OptionError(f"{name}={shown(value)} is not a colour; {_COLOURS}")
    return colour


def _colour(
    value: object, name: str = "background", expected: str = _EXPECTED
) -> tuple[int, ...] | None:
    if isinstance(value, str):
        pillow.load()
        from PIL import ImageColor

        try:
            named = ImageColor.getrgb(value)
        except ValueError:
            if value.startswith("#"):
                raise OptionError(f"{name}={shown(value)} is not a colour; {expected}") from None
            return None
        return _opaque(named, name, value, expected)
    if not isinstance(value, (tuple, list)):
        return None
    whole = all(
        isinstance(code, (int, np.integer)) and not isinstance(code, bool) for code in value
    )
    if len(value) not in (3, 4) or not whole or not all(0 <= code <= 255 for code in value):
        raise OptionError(f"{name}={shown(value)} is not a colour; {expected}")
    return _opaque(tuple(int(code) for code in value), name, value, expected)


def _opaque(colour: tuple[int, ...], name: str, value: object, expected: str) -> tuple[int, ...]:
    """Red, green and blue of a colour whose alpha, if it has one, is 255."""
    if len(colour) == 4 and colour[3] != 255:
        raise OptionError(f"{name}={shown(value)} is not opaque; {expected}")
    return colour[:3]
