"""IPTC (IIM 4.2), and the Photoshop resources in which JPEG and PNG store it.

Other resources are not kept, because thumbnails are among them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from defocus.io.metadata import embedded_images

__all__ = ["keep", "of_jpeg", "of_resources", "png_text", "segments"]

_IPTC = 0x0404  # Photoshop's file formats specification, "Image resource IDs"
_SIGNATURE = b"Photoshop 3.0\0"
_MARKER = 0x1C
_MOST = 1 << 16  # datasets that are read
_PREVIEWS = {(2, 200), (2, 201), (2, 202)}
_RECORDS = range(1, 7)  # later records hold the image itself
_LONGEST = 65533  # the largest JPEG segment in bytes


def of_jpeg(segments: Iterable[bytes]) -> bytes:
    """Return the IPTC in the APP13 segments of a JPEG, which may continue each other."""
    held = [segment[len(_SIGNATURE) :] for segment in segments if segment.startswith(_SIGNATURE)]
    return of_resources(b"".join(held))


def of_resources(data: bytes) -> bytes:
    """Return the IPTC in a series of resources, or nothing."""
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
    """Return IPTC as a Photoshop resource."""
    return b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(data)) + data + bytes(len(data) % 2)


def segments(data: bytes) -> bytes:
    """Return IPTC as segments of JPEG."""
    whole, most = _resource(data), _LONGEST - len(_SIGNATURE)
    pieces = [whole[at : at + most] for at in range(0, len(whole), most)]
    return b"".join(
        b"\xff\xed" + struct.pack(">H", 2 + len(_SIGNATURE) + len(piece)) + _SIGNATURE + piece
        for piece in pieces
    )


def png_text(data: bytes) -> str:
    """Return IPTC as PNG text, as ImageMagick and others store it: a name, a length, hexadecimal
    digits.
    """
    whole = _resource(data)
    digits = whole.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return "\n".join(["", "iptc", f"{len(whole):8}", *lines, ""])


def keep(data: bytes) -> bytes:
    """Return the datasets without images, up to the first that cannot be read."""
    parts, place, left = [], 0, _MOST
    while place + 5 <= len(data) and data[place] == _MARKER and left:
        left -= 1
        record, number = data[place + 1], data[place + 2]
        size, start = int.from_bytes(data[place + 3 : place + 5], "big"), place + 5
        if size & 0x8000:  # the number of bytes that hold the size
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
