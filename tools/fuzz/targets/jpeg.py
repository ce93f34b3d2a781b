"""JPEG and MPO files: segments of metadata, colour, tables."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from itertools import product
from typing import Any

from PIL import Image

import profiles
from tools.fuzz.chunks import mutate_jpeg as mutate
from tools.fuzz.photos import check_photo as check
from tools.fuzz.pictures import GREY, PIXELS, encoded, exif, xmp

__all__ = ["DICTIONARY", "INSTRUMENTED", "check", "mutate", "seeds"]

INSTRUMENTED = ("defocus", "PIL")
DICTIONARY = "jpeg.dict"


def seeds() -> Iterable[bytes]:
    """Every kind that we read, small."""
    blocks = [b"Exif\0\0" + exif(order, turned) for order, turned in product("<>", (3, 6))]
    for block in blocks:
        yield encoded(PIXELS, "JPEG", exif=block, quality=50)
    extra: dict[str, Any] = {
        "comment": b"words",
        "icc_profile": profiles.wide("Display P3"),
        "dpi": (300, 300),
    }
    yield encoded(PIXELS, "JPEG", xmp=xmp().encode(), **extra)
    for subsampling, progressive in product((0, 1, 2), (False, True)):
        yield encoded(PIXELS, "JPEG", subsampling=subsampling, progressive=progressive)
    yield encoded(GREY, "JPEG")
    yield encoded(PIXELS, "JPEG", "CMYK", icc_profile=profiles.inks())
    plain = encoded(PIXELS, "JPEG")
    captions = b"\x1c\2\x78\0\5Hello"
    resources = b"8BIM\4\4\0\0" + struct.pack(">I", len(captions)) + captions + b"\0"
    segment = b"Photoshop 3.0\0" + resources
    yield plain[:2] + struct.pack(">BBH", 0xFF, 0xED, 2 + len(segment)) + segment + plain[2:]
    file = io.BytesIO()
    image = Image.fromarray(PIXELS)
    image.save(file, "MPO", save_all=True, append_images=[image])
    yield file.getvalue()
