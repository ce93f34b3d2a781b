"""From Pillow images to upright pixels: orientation, modes, and surviving metadata.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.io.metadata.metadata import Survivors, orientation_of, surviving
from defocus.io.pillow_memory import rows_of

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "COLOUR_MODES",
    "GREY_MODES",
    "convert",
    "metadata",
    "orientation",
    "pixels_of",
    "turn",
    "turned",
    "turned_pixels",
]

GREY_MODES = ("1", "L", "LA", "La")
COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")
# EXIF orientation -> PIL.Image.Transpose, which has other numbers.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_UPSIDE_DOWN = (3, 4, 6, 7)  # orientations whose first stored row is the last row, or column
_ON_ITS_SIDE = (5, 6, 7, 8)  # orientations whose stored rows are columns

_DIRECTORIES = {0x8769, 0x8825}  # EXIF and GPS
# Title, maker, resolution, orientation, software, date, author, rating and copyright.
# Also the title, comment, author, keywords and subject of Windows.
_DESCRIPTIVE_TAGS = {
    *(0x010E, 0x010F, 0x0110, 0x0112, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C),
    *(0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
    *_DIRECTORIES,
}

_BAND = 1 << 16  # pixels per band: they stay in the cache
_Sample = TypeVar("_Sample", bound=np.generic)


def pixels_of(image: Image.Image, orientation: int) -> NDArray[np.uint8]:
    """Turn a grey or RGB image upright and return its pixels, H x W x 3.

    Bands of rows stay in the cache: docs/decisions/png-bands.md.
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


def turned_pixels(pixels: NDArray[_Sample], orientation: int) -> NDArray[_Sample]:
    """Apply an EXIF orientation to H x W samples, or H x W x C; the result is contiguous."""
    transposed, mirrored = orientation in _ON_ITS_SIDE, orientation in (2, 3, 6, 7)
    upside_down = orientation in (3, 4, 7, 8)
    if pixels.dtype in (np.uint8, np.uint16) and (transposed or upside_down or mirrored):
        samples: NDArray[Any] = np.ascontiguousarray(pixels)
        return _native.turn(samples, transposed, upside_down, mirrored)
    if transposed:
        pixels = pixels.swapaxes(0, 1)
    if upside_down:
        pixels = pixels[::-1]
    if mirrored:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return width and height after the orientation is applied, or before."""
    return size[::-1] if orientation in _ON_ITS_SIDE else size


def convert(image: Image.Image, mode: str) -> Image.Image:
    """Convert the image to another Pillow mode; premultiplied colours become straight."""
    if image.mode in ("La", "RGBa"):  # premultiplied; Pillow converts them only in two steps
        image = image.convert(image.mode.upper())
    if image.mode == mode:
        return image
    if mode in ("L", "RGB") and isinstance(image.info.get("transparency"), bytes):
        image = image.copy()  # the caller's image keeps it; Pillow would warn that it is dropped
        del image.info["transparency"]
    return image.convert(mode)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Apply an EXIF orientation to an image."""
    from PIL.Image import Transpose

    how = _TURNS.get(orientation)
    return image if how is None else image.transpose(Transpose(how))


def orientation(image: Image.Image) -> int:
    """Return the orientation that is still to be applied."""
    # Pillow turns a TIFF upright when it loads it.
    return 1 if image.format == "TIFF" else orientation_of(image, image.info.get("exif"))


def metadata(image: Image.Image, mode: str) -> Survivors:
    """Return the orientation that is still to be applied, what survives, and what is lost."""
    if image.format != "TIFF":
        # Pillow rewrites the EXIF block of an AVIF that has an orientation.
        block = image.info.get("exif")
        return surviving(image, block, mode, moved=image.format == "AVIF")
    return surviving(image, _tags_of_tiff(image), mode, moved=True)._replace(orientation=1)


def _tags_of_tiff(image: Image.Image) -> bytes:
    """Return an EXIF block of those tags of a TIFF that describe the photograph.

    All other tags describe how this file stores its pixels.  Many tags that Pillow reads but cannot
    write are left out.
    """
    from PIL.Image import Exif

    source, made = image.getexif(), Exif()
    for tag in _DESCRIPTIVE_TAGS.intersection(source):
        with suppress(Exception):
            made[tag] = dict(source.get_ifd(tag)) if tag in _DIRECTORIES else source[tag]
            made.tobytes()
            continue
        made.pop(tag, None)
    return made.tobytes() if len(made) else b""
