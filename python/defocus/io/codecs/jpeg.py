"""The pixels of a JPEG: from a file by simplejpeg, and into a file by Pillow.

Pillow decodes to four bytes a pixel, from which an array is made by a copy.  simplejpeg has the
same decoder, and writes the array itself.  It is imported when a JPEG is read.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from defocus.forks import unforked
from defocus.warmup import at_warmup

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["content", "decode", "encode"]


def decode(image: Image.Image, file: IO[bytes] | None) -> NDArray[np.uint8] | None:
    """Decode an opened JPEG, as it is stored: uint8 H x W x 3.

    The result is None where Pillow has to decode: other images, unusual JPEGs, and all files about
    which the decoder complains.  Then errors and damaged pixels are those of Pillow.
    """
    decoder = _decoder() if file is not None and _usual(image) else None
    if file is None or decoder is None:
        return None
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    try:
        found = decoder.decode_jpeg(
            content(file), "RGB", fastdct=False, fastupsample=False, buffer=pixels, strict=True
        )
    except (ValueError, RuntimeError):
        return None
    return pixels if found.shape == pixels.shape else None


def content(file: IO[bytes]) -> bytes:
    """Return all bytes of a file, without a copy if they are in memory."""
    if isinstance(file, io.BytesIO):
        return file.getvalue()
    file.seek(0)
    return file.read()


def _usual(image: Image.Image) -> bool:
    """Return whether it is one JPEG from the start of the file, grey or YCbCr, with 8 bits."""
    if image.format not in ("JPEG", "MPO") or image.mode not in ("L", "RGB"):
        return False
    tiles: Any = getattr(image, "tile", ())
    whole = ("jpeg", (0, 0, *image.size), 0, (image.mode, ""))
    return [tuple(tile) for tile in tiles] == [whole] and image.info.get("adobe_transform") != 0


def _decoder() -> ModuleType | None:
    """Import simplejpeg; the result is None where it is not installed, or does not work."""
    try:
        with unforked:
            import simplejpeg
    except ImportError:
        return None
    module: ModuleType = simplejpeg
    return module


@at_warmup
def import_if_installed() -> None:
    """Import simplejpeg if it is installed, and what `encode` imports."""
    _decoder()
    _file().close()


def encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    """Encode a picture.  `settings` are those of Pillow's `save`.

    Pillow encodes into a file of the system, so that it releases the GIL meanwhile.
    """
    with _file() as file:
        picture.save(file, format="JPEG", **settings)
        file.seek(0)
        return file.read()


def _file() -> IO[bytes]:
    """Open an empty file that has a descriptor, in memory where the system allows it.

    Into a file without a descriptor, Pillow encodes while it holds the GIL.
    """
    try:
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("defocus"), "w+b")
        with unforked:
            import tempfile

        return tempfile.TemporaryFile()
    except OSError:
        return io.BytesIO()
