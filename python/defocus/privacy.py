"""Takes out of EXIF and XMP where a photograph was taken."""

from __future__ import annotations

import re
import struct

__all__ = ["exif_without_gps", "xmp_without_gps"]

_GPS = 0x8825  # the tag of the directory, Exif 2.3, section 4.6.3
_ENTRY = 12  # bytes
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
# Properties of any schema, as attributes and as elements: exif:GPSLatitude, and those of drones.
_ATTRIBUTE = rb"\s[\w.-]+:GPS[\w.-]*\s*=\s*(\"[^\"]*\"|'[^']*')"
_ELEMENT = rb"<([\w.-]+:GPS[\w.-]*)(?:\s[^>]*)?(?:/>|>.*?</\1\s*>)"
_LEFT = rb"GPS[\w.-]*L(?:at|on)"


def exif_without_gps(exif: bytes) -> bytes:
    """The block without its GPS directory, which is blanked; all else stays where it is.

    Writing the block anew would move maker notes, whose inner offsets count from its start.  A
    block that cannot be read comes back empty.
    """
    start = 6 if exif.startswith(b"Exif\0\0") else 0
    block = bytearray(exif[start:])
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(block[:4]))
    if order is None:
        return b""
    try:
        (place,) = struct.unpack_from(order + "I", block, 4)
        while place:
            place = _without_gps(block, order, place)
    except (struct.error, IndexError):
        return b""
    return exif[:start] + bytes(block)


def _without_gps(block: bytearray, order: str, place: int) -> int:
    """Take the entry out of the directory at `place`; gives where the next one is."""
    (count,) = struct.unpack_from(order + "H", block, place)
    first, end = place + 2, place + 2 + _ENTRY * count
    (link,) = struct.unpack_from(order + "I", block, end)
    for entry in range(first, end, _ENTRY):
        tag, _, _, at = struct.unpack_from(order + "HHII", block, entry)
        if tag == _GPS:
            _blank(block, order, at)
            block[entry : end + 4] = block[entry + _ENTRY : end + 4] + bytes(_ENTRY)
            struct.pack_into(order + "H", block, place, count - 1)
            break
    if 0 < link <= place:  # a loop
        raise IndexError(link)
    return int(link)


def _blank(block: bytearray, order: str, place: int) -> None:
    (count,) = struct.unpack_from(order + "H", block, place)
    end = place + 2 + _ENTRY * count
    for entry in range(place + 2, end, _ENTRY):
        _, kind, number, at = struct.unpack_from(order + "HHII", block, entry)
        length = _SIZES.get(kind, 1) * number
        if length > 4 and at + length <= len(block):
            block[at : at + length] = bytes(length)
    block[place:end] = bytes(end - place)


def xmp_without_gps(xmp: bytes) -> bytes:
    """The packet without properties whose names begin with GPS; empty if some cannot be removed."""
    flags = re.IGNORECASE | re.DOTALL
    rest = re.sub(_ELEMENT, b"", re.sub(_ATTRIBUTE, b"", xmp, flags=flags), flags=flags)
    # Another encoding than UTF-8 has zeros between its letters.
    return b"" if re.search(_LEFT, rest.replace(b"\0", b""), flags) else rest
