"""JPEG is encoded by Pillow into a file of the system, so that the GIL is released meanwhile."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["encode"]


def encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    """Encode a picture.  `settings` are those of Pillow's `save`."""
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
        return tempfile.TemporaryFile()
    except OSError:
        return io.BytesIO()
