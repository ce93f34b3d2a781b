"""Files of the other formats: WebP, GIF, BMP, PBM to PAM, AVIF and HEIC."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
from PIL import Image

import profiles
from defocus.errors import MissingExtraError
from defocus.io import pillow
from tools.fuzz.photos import check_photo as check
from tools.fuzz.pictures import PIXELS, encoded, exif, heic, xmp

__all__ = ["DICTIONARY", "INSTRUMENTED", "check", "seeds"]

INSTRUMENTED = ("defocus", "PIL")
DICTIONARY = "others.dict"


def seeds() -> Iterable[bytes]:
    """Every kind that we read, small."""
    pillow.load()
    carried: dict[str, Any] = {"exif": exif(), "xmp": xmp().encode()}
    carried["icc_profile"] = profiles.wide("Display P3")
    for form in ("WEBP", "AVIF"):
        if form in Image.SAVE:
            yield encoded(PIXELS, form, **carried)
            yield encoded(np.dstack([PIXELS, PIXELS[..., 0]]), form)
    with suppress(MissingExtraError):
        yield heic(PIXELS, **carried)
        yield heic(np.dstack([PIXELS, PIXELS[..., 0]]))
    yield encoded(PIXELS, "WEBP", lossless=True)
    images = [Image.fromarray(PIXELS), Image.fromarray(PIXELS[::-1])]
    for form in ("WEBP", "GIF"):
        file = io.BytesIO()
        images[0].save(file, form, save_all=True, append_images=images[1:], duration=40, loop=2)
        yield file.getvalue()
    for mode in ("1", "P", "RGB"):
        yield encoded(PIXELS, "BMP", mode)
        yield encoded(PIXELS, "DIB", mode)
    yield from _portable()


def _portable() -> Iterable[bytes]:
    for magic, numbers, data in (
        ("P1", "3 2", b"1 0 1 0 1 0"),
        ("P2", "3 2 255", b"1 200 3 # four\n 5 6 7"),
        ("P3", "1 2 1000", b"1 200 3 1000 6 7"),
        ("P4", "3 2", b"\xa0\x40"),
        ("P5", "3 2 9", bytes(range(6))),
        ("P5", "3 2 65535", bytes(range(12))),
        ("P6", "1 2 255", bytes(range(6))),
    ):
        yield f"{magic}\n# words\n{numbers}\n".encode() + data
    for kind, depth in (("GRAYSCALE_ALPHA", 2), ("RGB", 3), ("RGB_ALPHA", 4)):
        head = f"P7\nWIDTH 2\nHEIGHT 1\nDEPTH {depth}\nMAXVAL 300\nTUPLTYPE {kind}\nENDHDR\n"
        yield head.encode() + bytes(4 * depth)
