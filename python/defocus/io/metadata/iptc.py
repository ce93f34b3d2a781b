"""IPTC (IIM 4.2), and the series of Photoshop's resources that JPEG and PNG keep it in.

Of the other resources none is kept: thumbnails are among them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from defocus.io.metadata import embedded_images

__all__ = ["keep", "of_jpeg", "of_resources", "png_text", "segments"]

_IPTC = 0x0404  # Photoshop's file formats specification, "Image resource IDs"
_SIGNATURE = b"Photoshop 3.0\0"
_MARKER = 0x1C
_PREVIEWS = {(2, 200), (2, 201), (2, 202)}
_RECORDS = range(1, 7)  # those after hold the picture itself
_LONGEST = 65533  # bytes of a segment of JPEG


def of_jpeg(segments: Iterable[bytes]) -> bytes:
    """What the segments APP13 of a JPEG hold, which may continue each other."""
    held = [segment[len(_SIGNATURE) :] for segment in segments if segment.startswith(_SIGNATURE)]
    return of_resources(b"".join(held))


def of_resources(data: bytes) -> bytes:
    """The IPTC in a series of resources; empty if there is none."""
    place = 0
    while data[place : place + 4] == b"8BIM" and place + 12 <= len(data):
        (kind,) = struct.unpack_from(">H", data, place + 4)
        place += 6 + (1 + data[place + 6] + 1) // 2 * 2
        size = int.from_bytes(data[place : place + 4], "big")
        content = data[place + 4 : place + 4 + size]
        if kind == _IPTC:
            return content
        place += 4 + size + size % 2
    return b""


def _resource(data: bytes) -> bytes:
    """IPTC as one of Photoshop's resources."""
    return b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(data)) + data + bytes(len(data) % 2)


def segments(data: bytes) -> bytes:
    """IPTC as segments of JPEG."""
    whole, most = _resource(data), _LONGEST - len(_SIGNATURE)
    pieces = [whole[at : at + most] for at in range(0, len(whole), most)]
    return b"".join(
        b"\xff\xed" + struct.pack(">H", 2 + len(_SIGNATURE) + len(piece)) + _SIGNATURE + piece
        for piece in pieces
    )


def png_text(data: bytes) -> str:
    """IPTC as ImageMagick, and others after it, keep it in a PNG: a name, a length, numbers."""
    whole = _resource(data)
    digits = whole.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return "\n".join(["", "iptc", f"{len(whole):8}", *lines, ""])


def keep(data: bytes) -> bytes:
    """The datasets that hold no picture, up to the first that cannot be read."""
    parts, place = [], 0
    while place + 5 <= len(data) and data[place] == _MARKER:
        record, number = data[place + 1], data[place + 2]
        size, start = int.from_bytes(data[place + 3 : place + 5], "big"), place + 5
        if size & 0x8000:  # so many bytes hold the size
            start += size & 0x7FFF
            size = (
                int.from_bytes(data[place + 5 : start], "big") if start - place < 16 else len(data)
            )
        if start + size > len(data):
            break
        shown = (record, number) in _PREVIEWS or record not in _RECORDS
        if not shown and not embedded_images.holds_picture(data[start : start + size]):
            parts.append(data[place : start + size])
        place = start + size
    return b"".join(parts)
