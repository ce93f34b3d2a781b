"""PNG files of 8 and 16 bits, also animated: chunks, filters, colour and metadata."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from PIL import Image, PngImagePlugin

import animated_pngs
import deep_files
import profiles
from tools.fuzz.chunks import mutate_png as mutate
from tools.fuzz.photos import check_photo as check
from tools.fuzz.pictures import GREY, PIXELS, encoded, exif, xmp

__all__ = ["DICTIONARY", "INSTRUMENTED", "check", "mutate", "seeds"]

INSTRUMENTED = ("defocus", "PIL")
DICTIONARY = "png.dict"


def seeds() -> Iterable[bytes]:
    """Every colour type, depth and interlacing, with all chunks that we read."""
    for channels, interlaced in product((1, 2, 3, 4), (False, True)):
        samples = deep_files.picture(9, 7, channels)
        yield deep_files.png(samples, interlaced=interlaced)
    for name, held in _CHUNKS.items():
        yield deep_files.png(deep_files.picture(5, 6, 3), before=deep_files.chunk(name, held))
        yield deep_files.png(deep_files.picture(5, 6, 1), before=deep_files.chunk(name, held))
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp())
    text.add_text("Raw profile type exif", f"\nexif\n{len(exif())}\n{exif().hex()}", zip=True)
    profile = profiles.wide("Adobe RGB")
    yield encoded(PIXELS, "PNG", pnginfo=text, icc_profile=profile, exif=exif(), dpi=(300, 300))
    yield encoded(GREY, "PNG", icc_profile=profiles.grey())
    for mode in ("1", "P", "LA", "RGBA"):
        yield encoded(np.asarray(Image.fromarray(PIXELS).convert(mode)), "PNG")
    yield encoded(GREY, "PNG", bits=4, transparency=3)
    for dtype, channels in product((np.uint8, np.uint16), (2, 3, 4)):
        samples = deep_files.picture(8, 9, channels).astype(dtype)
        part = animated_pngs.Part(
            samples[2:5, 1:4], 1, 2, animated_pngs.PREVIOUS, animated_pngs.OVER
        )
        yield animated_pngs.animated([animated_pngs.Part(samples), part], (9, 8))
        yield animated_pngs.animated([part, part], (9, 8), default=samples, interlaced=True)


_CHUNKS = {
    b"tRNS": bytes(6),
    b"gAMA": (100000).to_bytes(4, "big"),
    b"cHRM": b"".join(
        value.to_bytes(4, "big")
        for value in (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    ),
    b"cICP": bytes((9, 16, 0, 1)),
    b"sRGB": b"\0",
    b"eXIf": exif(),
    b"pHYs": b"\0\0\x0b\x13\0\0\x0b\x13\1",
    b"iTXt": b"XML:com.adobe.xmp\0\0\0\0\0" + xmp().encode(),
}
