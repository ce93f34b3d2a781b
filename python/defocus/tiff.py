"""TIFF of 16 bits a sample, which Pillow writes for grey pictures only: not compressed, one strip.

Pillow writes all that is not pixels: around a picture of one pixel, whose directory is then put
right (TIFF 6.0, sections 2 and 8).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from defocus.words import Words

__all__ = ["encode"]

_LONG = 4
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WIDTH, _LENGTH, _BITS, _OFFSETS, _ROWS, _COUNTS = 256, 257, 258, 273, 278, 279


def encode(samples: Words, settings: Mapping[str, Any]) -> bytes:
    """Encode uint16 H x W x C: grey, grey and alpha, RGB or RGBA; `settings` are Pillow's.

    Raises ValueError for a picture that does not fit into the 4 GiB of a TIFF.
    """
    from PIL import Image

    height, width, channels = samples.shape
    file = io.BytesIO()
    Image.new(_MODES[channels], (1, 1)).save(file, format="TIFF", **settings)
    head = bytearray(file.getvalue())
    head += bytes(len(head) % 2)
    bits = len(head)
    head += struct.pack(f"<{channels}H", *[16] * channels)
    size = samples.size * 2
    if len(head) + size >= 2**32:
        raise ValueError("it is larger than 4 GiB")
    numbers = {_WIDTH: width, _LENGTH: height, _ROWS: height, _COUNTS: size, _OFFSETS: len(head)}
    (start,) = struct.unpack_from("<I", head, 4)
    (count,) = struct.unpack_from("<H", head, start)
    for place in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", head, place)
        if tag in numbers:
            struct.pack_into("<HII", head, place + 2, _LONG, 1, numbers[tag])
        elif tag == _BITS and channels > 2:
            struct.pack_into("<I", head, place + 8, bits)
        elif tag == _BITS:  # up to four bytes stand in the entry itself
            struct.pack_into("<HH", head, place + 8, 16, 16 if channels == 2 else 0)
    return bytes(head) + np.ascontiguousarray(samples, "<u2").tobytes()
