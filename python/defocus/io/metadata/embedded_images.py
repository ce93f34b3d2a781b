"""Find images inside other data: previews and thumbnails of the unedited photograph."""

from __future__ import annotations

import base64
import io
import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import IO

from defocus.io.codecs.png_chunks import SIGNATURE, chunks
from defocus.io.metadata.exif_block import rows

__all__ = ["blanked", "holds_picture", "pictures"]

# JPEG (T.81, B.1): a start marker, whose first byte some makers replace, and a segment.
# Or, without a start, a quantisation table, a frame or a scan.
_JPEG = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|[^\xff]\xd8\xff[\xc0-\xcf\xdb\xdd\xe0-\xef\xfe]"
    rb"|\xff\xdb\x00[\x43\x84\xc5]|\xff[\xc0-\xc2]\x00[\x0b\x11\x14]\x08"
    rb"|\xff\xda\x00[\x08\x0c\x0e][\x01\x03\x04]",
    re.DOTALL,
)
# One of these is always present, and is found much faster.
_IN_JPEG = (b"\xd8\xff", *(b"\xff%c\0" % kind for kind in (0xDB, 0xC0, 0xC1, 0xC2, 0xDA)))
# A marker of JPEG behind its fill bytes, and a length.  No real file has thousands of fill bytes.
_SEGMENT = re.compile(rb"\xff{1,4096}+([\xc0-\xfe])([\x00-\xff]{2})")
_CHECKSUM = 4  # bytes after the content of a PNG chunk
_BOXES = re.compile(  # the first box of HEIF, AVIF, JPEG 2000, JPEG XL, and of videos
    rb"\x00\x00[\x00-\x01][\x00-\xff](?:ftyp[ -~]{4}|jP  \r\n\x87\n|JXL \r\n\x87\n)"
)
# WebP, GIF, Photoshop, JPEG 2000, JPEG XR and BMP; all data after them counts as theirs.
_OTHERS = re.compile(
    rb"RIFF[\x00-\xff]{4}WEBPVP8|GIF8[79]a|8BPS\x00\x01|\xff\x4f\xff\x51\x00|II\xbc\x01"
    rb"|BM[\x00-\xff]{4}\x00{4}[\x00-\xff]\x00\x00\x00[\x0c\x28\x6c\x7c]\x00\x00\x00",
    re.DOTALL,
)
_IN_OTHERS = (b"ftyp", b"jP  ", b"JXL ", b"RIFF", b"GIF8", b"8BPS", b"\xffO\xffQ", b"II\xbc", b"BM")
_TIFF = re.compile(rb"II\*\x00|MM\x00\*")
_STRIPS = {0x0111, 0x0144, 0x0201}  # tags with the offset of strips, tiles or a JPEG
_MOST_ENTRIES = 100
_MOST_TIFFS = 100  # are looked at; no real data has more
# Long text in Base64 or hexadecimal digits, with or without line breaks.
_LETTERS = re.compile(rb"(?:[A-Za-z0-9+/_=\s-]|&#x?[0-9A-Fa-f]{1,4};){64,}")
_MAY_BE_LETTERS = bytes(
    byte in b"+/_=-&#; \t\n\r\f\v" or (byte < 128 and chr(byte).isalnum()) for byte in range(256)
)
_BREAKS = re.compile(rb"\s|&#x?[0-9A-Fa-f]{1,4};|=")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{64,}")


def holds_picture(data: bytes) -> bool:
    """Return whether the data holds an image: as bytes, or as Base64 or hexadecimal text.

    >>> holds_picture(b"a preview: \\xff\\xd8\\xff\\xe0 and so on")
    True
    >>> holds_picture(b"no image at all")
    False
    """
    if next(pictures(data), None) is not None:
        return True
    # 16-bit text has a zero next to each letter.
    return (
        data.count(0) > len(data) // 3 and next(_texts(data.replace(b"\0", b"")), None) is not None
    )


def blanked(data: bytes) -> bytes:
    """Return the data with zeros in place of images."""
    out = bytearray(data)
    for start, end in pictures(data):
        out[start:end] = bytes(end - start)
    return bytes(out)


def pictures(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of each image; an unknown end is the end of the data."""
    at = 0
    for start, end in sorted([*_binary(data), *_texts(data)]):
        if end > at:
            yield max(start, at), end
            at = end


def _binary(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0 if any(part in data for part in _IN_JPEG) else len(data)
    while found := _JPEG.search(data, at):
        at = found.start() + 1
        if (end := _jpeg_end(data, found.start())) is not None:
            yield found.start(), end
            at = end
    at, file = 0, io.BytesIO(data)
    while (at := data.find(SIGNATURE, at)) >= 0:
        end = _png_end(file, at, len(data))
        yield at, end
        at = end
    if any(part in data for part in _IN_OTHERS):
        for found in (*_BOXES.finditer(data), *_OTHERS.finditer(data)):
            yield found.start(), len(data)
    for count, found in enumerate(_TIFF.finditer(data)):
        if count >= _MOST_TIFFS or _has_strips(data, found.start()):
            yield found.start(), len(data)


def _jpeg_end(data: bytes, start: int) -> int | None:
    """Return where the JPEG that seems to begin at `start` ends, or None if there is none."""
    begins = data[start + 1] == 0xD8
    place = start + 2 if begins else start
    certain, segments = not begins or data[start] == 0xFF, 0
    while found := _SEGMENT.match(data, place):
        length = int.from_bytes(found[2], "big")
        if length < 2:
            break
        place = found.start(2) + length
        segments += 1
        if found[1] == b"\xda":
            end = data.find(b"\xff\xd9", place)
            return len(data) if end < 0 else end + 2
    # No scan: truncated, damaged, or not a JPEG.
    return len(data) if certain or segments > 1 else None


def _png_end(file: IO[bytes], start: int, size: int) -> int:
    """Return where the PNG that begins at `start` ends, in a file of `size` bytes."""
    end = start + len(SIGNATURE)
    for chunk in chunks(file, start):
        end = chunk.start + chunk.length + _CHECKSUM
    return min(end, size)


def _has_strips(data: bytes, start: int) -> bool:
    """Return whether the TIFF at `start` has pixels; some maker notes are TIFF without pixels."""
    order = "<" if data[start : start + 1] == b"I" else ">"
    try:
        (place,) = struct.unpack_from(order + "I", data, start + 4)
    except struct.error:
        return False
    found = rows(data, start + place, order)
    return any(row.tag in _STRIPS for row in islice(found, _MOST_ENTRIES))


def _texts(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield long texts that encode an image."""
    at = data.translate(_MAY_BE_LETTERS).find(b"\1" * 64)
    for found in _LETTERS.finditer(data, at) if at >= 0 else ():
        letters = _BREAKS.sub(b"", found[0]).translate(_URL_SAFE)
        if any(_shows(decoded) for decoded in _decoded(letters)):
            yield found.span()


def _decoded(letters: bytes) -> Iterator[bytes]:
    # Text before the image may shift its letters.
    for shift in range(4):
        part = letters[shift:]
        yield base64.b64decode(part[: len(part) // 4 * 4])
    for found in _HEXADECIMAL.finditer(letters):
        for shift in range(2):
            part = found[0][shift:]
            yield bytes.fromhex(part[: len(part) // 2 * 2].decode())


def _shows(data: bytes) -> bool:
    return next(_binary(data), None) is not None
