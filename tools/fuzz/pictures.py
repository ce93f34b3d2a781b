"""Small pictures, and the metadata that the seeds carry."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from defocus.io.codecs import heif

PIXELS: NDArray[np.uint8] = np.random.default_rng(5).integers(0, 256, (7, 9, 3), np.uint8)
GREY = PIXELS[..., 0]


def encoded(samples: NDArray[Any], form: str, mode: str | None = None, **settings: Any) -> bytes:
    """Return a file that Pillow writes."""
    file, image = io.BytesIO(), Image.fromarray(samples)
    (image if mode is None else image.convert(mode)).save(file, form, **settings)
    return file.getvalue()


def heic(samples: NDArray[np.uint8], **settings: Any) -> bytes:
    """Return a HEIC file.  Raises MissingExtraError."""
    return heif.encode(Image.fromarray(samples), settings)


def exif(order: str = "<", orientation: int = 6) -> bytes:
    """Return an EXIF block with text, a fraction, GPS and a maker note."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    inner = [(0x9003, 2, 20, b"2020:02:02 02:02:02\0"), (0x927C, 7, 40, b"Nikon\0\2\0" * 5)]
    place = [(1, 2, 2, b"N\0"), (2, 5, 3, struct.pack(order + "6I", 1, 1, 2, 1, 3, 1))]
    second = 8 + 2 + 12 * 5 + 4 + 14
    third = second + 2 + 12 * len(inner) + 4 + 60
    rows = [
        (0x010F, 2, 6, b"Maker\0"),
        (0x0112, 3, 1, struct.pack(order + "H", orientation)),
        (0x011A, 5, 1, struct.pack(order + "II", 300, 1)),
        (0x8769, 4, 1, struct.pack(order + "I", second)),
        (0x8825, 4, 1, struct.pack(order + "I", third)),
    ]
    parts = ((rows, 8), (inner, second), (place, third))
    return head + b"".join(_directory(order, part, at) for part, at in parts)


def _directory(order: str, rows: list[tuple[int, int, int, bytes]], start: int) -> bytes:
    table, far = struct.pack(order + "H", len(rows)), b""
    end = start + 2 + 12 * len(rows) + 4
    for tag, kind, count, data in rows:
        value = data.ljust(4, b"\0")
        if len(data) > 4:
            value = struct.pack(order + "I", end + len(far))
            far += data
        table += struct.pack(order + "HHI", tag, kind, count) + value
    return table + bytes(4) + far


def xmp() -> str:
    """Return a packet with an orientation, regions and a thumbnail."""
    return _PACKET


_PACKET = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" tiff:ImageWidth="9">
<tiff:Orientation>8</tiff:Orientation><xmp:Thumbnails><rdf:Alt><rdf:li>/9j/4AAQ</rdf:li></rdf:Alt>
</xmp:Thumbnails><mwg-rs:Regions rdf:parseType="Resource"/></rdf:Description></rdf:RDF>
</x:xmpmeta><?xpacket end="w"?>"""
