"""Pillow's images -> upright pixels: stored orientation, modes, and what survives of metadata.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from defocus.photo import descriptive_exif, surviving_info
from defocus.pillow_rows import rows_of

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "COLOUR_MODES",
    "GREY_MODES",
    "convert",
    "metadata",
    "pixels_of",
    "turn",
    "turned",
]

GREY_MODES = ("1", "L", "LA", "La")
COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")
# EXIF orientation -> PIL.Image.Transpose, which is numbered otherwise.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_UPSIDE_DOWN = (3, 4, 6, 7)  # orientations whose first stored row is the last row, or column
_ON_ITS_SIDE = (5, 6, 7, 8)  # orientations whose stored rows are columns

_BAND = 1 << 16  # pixels handled at a time: they stay in the cache


def pixels_of(image: Image.Image, orientation: int) -> NDArray[np.uint8]:
    """Turn a grey or RGB image upright and give its pixels, H x W x 3.

    In bands of rows that stay in the cache: at 12 MP a third of the time that Pillow's own
    conversion takes, half of it when the picture has to be turned.
    """
    width, height = turned(image.size, orientation)
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        band = turn(rows_of(image, top, bottom), orientation)
        if orientation in _UPSIDE_DOWN:
            top, bottom = image.height - bottom, image.height - top
        place = pixels[:, top:bottom] if orientation in _ON_ITS_SIDE else pixels[top:bottom]
        place[...] = np.frombuffer(convert(band, "RGB").tobytes(), np.uint8).reshape(place.shape)
    return pixels


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height of what is stored in that EXIF orientation, upright; or the other way."""
    return size[::-1] if orientation in _ON_ITS_SIDE else size


def convert(image: Image.Image, mode: str) -> Image.Image:
    """The image in another of Pillow's modes; colours become straight."""
    if image.mode in ("La", "RGBa"):  # premultiplied; Pillow converts them in two steps only
        image = image.convert(image.mode.upper())
    if image.mode == mode:
        return image
    if mode in ("L", "RGB") and isinstance(image.info.get("transparency"), bytes):
        image = image.copy()  # the caller's keeps its own; Pillow would warn that it is dropped
        del image.info["transparency"]
    return image.convert(mode)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """What is stored in that EXIF orientation, upright."""
    from PIL.Image import Transpose

    how = _TURNS.get(orientation)
    return image if how is None else image.transpose(Transpose(how))


def metadata(image: Image.Image, mode: str) -> tuple[int, dict[str, Any]]:
    """Give the orientation that is still to be applied, and what survives."""
    if image.format != "TIFF":
        return surviving_info(image.info, image.info.get("exif"), mode)
    from PIL.Image import Exif

    # Pillow has turned a TIFF upright while it loaded it.
    return 1, surviving_info(image.info, descriptive_exif(image.getexif(), Exif()), mode)[1]
