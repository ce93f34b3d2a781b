"""TIFF files of 8 and 16 bits: directories, strips, tiles, compressions, pages."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import product

from PIL import Image

import deep_files
import profiles
from tools.fuzz.chunks import mutate_tiff as mutate
from tools.fuzz.photos import check_photo as check
from tools.fuzz.pictures import GREY, PIXELS, encoded

__all__ = ["DICTIONARY", "INSTRUMENTED", "check", "mutate", "seeds"]

INSTRUMENTED = ("defocus", "PIL")
DICTIONARY = "tiff.dict"


def seeds() -> Iterable[bytes]:
    """Every kind that we read, small."""
    for order, compression, channels in product("<>", (1, 5, 8, 32773), (1, 3, 4)):
        yield deep_files.tiff(
            deep_files.picture(9, 7, channels),
            order=order,
            compression=compression,
            predictor=compression in (5, 8),
            planar=order == ">",
            extra=2 if channels == 4 else None,
        )
    yield deep_files.tiff(deep_files.picture(20, 18, 3), tile=(16, 16))
    yield deep_files.tiff(deep_files.picture(9, 7, 4), extra=1, tags={274: (3, (6,))})
    yield deep_files.tiff(deep_files.picture(9, 7, 1), photometric=0)
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "LAB"):
        for packed in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            yield encoded(PIXELS, "TIFF", mode, compression=packed)
    yield encoded(PIXELS, "TIFF", "1", compression="group4")
    yield encoded(PIXELS, "TIFF", compression="jpeg", dpi=(300, 300), icc_profile=profiles.grey())
    yield encoded(PIXELS, "TIFF", big_tiff=True)
    pages = [Image.fromarray(PIXELS), Image.fromarray(GREY)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    yield file.getvalue()
