"""The boxes of ISO base media files, the container of AVIF and HEIC (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Literal, NamedTuple

__all__ = ["colour_numbers", "kind"]

# Brands of the coding of the pixels (ISO/IEC 23008-12, annex B; AV1 Image File Format, clause 6).
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
# Brands that describe only the structure of the file: ISO/IEC 23008-12, 10.2.
_ARRANGED = {b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"1pic"}
_MOST = 4096  # bytes of a list of brands
_MOST_BOXES = 4096  # boxes that are read at one level
_LARGEST = 1 << 20  # bytes that are read of one box


def kind(file: IO[bytes]) -> Literal["AVIF", "HEIF"] | None:
    """Return the format whose reader can decode the file, by its brands; None for another file.

    The major brand decides, or else the first compatible brand that names a coding, because phones
    write "mif1" and "msf1" first.  A file whose brands name no coding is left to libheif.

    >>> import io
    >>> kind(io.BytesIO(bytes((0, 0, 0, 24)) + b"ftypmif1" + bytes(4) + b"mif1avif"))
    'AVIF'
    """
    start = file.read(16)
    if len(start) < 12 or start[4:8] != b"ftyp":
        return None
    (length,) = struct.unpack_from(">I", start)
    listed = file.read(min(max(length - 16, 0), _MOST))
    brands = [start[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4))]
    for brand in brands:
        if brand in _AVIF:
            return "AVIF"
        if brand in _HEIC:
            return "HEIF"
    return "HEIF" if _ARRANGED.intersection(brands) else None


class _Box(NamedTuple):
    """A box with its content between `start` and `end`."""

    name: bytes
    start: int
    end: int


def colour_numbers(file: IO[bytes]) -> tuple[int, int] | None:
    """Return the primaries and transfer characteristics (ITU-T H.273) that the image's nclx states.

    The image is the primary item, or that of the first track if there is no item.  The result is
    None where nothing is stated, or the boxes are damaged.
    """
    try:
        whole = _Box(b"", 0, file.seek(0, 2))
        meta = _first(file, whole, b"meta")
        stated = None if meta is None else _of_item(file, meta._replace(start=meta.start + 4))
        return stated or _of_track(file, whole)
    except struct.error:
        return None


def _of_item(file: IO[bytes], meta: _Box) -> tuple[int, int] | None:
    """Read the nclx of the primary item, by its list of properties (ISO/IEC 23008-12, 9.3)."""
    primary, properties = _first(file, meta, b"pitm"), _first(file, meta, b"iprp")
    if primary is None or properties is None:
        return None
    content = _content(file, primary)
    item = struct.unpack_from(">I" if content[:1] != b"\0" else ">H", content, 4)[0]
    held = _first(file, properties, b"ipco")
    boxes = [] if held is None else list(_boxes(file, held))
    for listed in _boxes(file, properties):
        if listed.name != b"ipma":
            continue
        for index in _associated(_content(file, listed), item):
            if 0 < index <= len(boxes) and (stated := _nclx(file, boxes[index - 1])):
                return stated
    return None


def _associated(content: bytes, item: int) -> list[int]:
    """Return the property numbers of an item, from the content of an ipma box."""
    large, wide = content[:1] != b"\0", content[3:4] and content[3] & 1
    (count,) = struct.unpack_from(">I", content, 4)
    place = 8
    for _ in range(count):
        (which,) = struct.unpack_from(">I" if large else ">H", content, place)
        place += 4 if large else 2
        (amount,) = struct.unpack_from(">B", content, place)
        size = 2 if wide else 1
        numbers = struct.unpack_from(f">{amount}{'H' if wide else 'B'}", content, place + 1)
        if which == item:
            return [number & (0x7FFF if wide else 0x7F) for number in numbers]
        place += 1 + size * amount
    return []


def _of_track(file: IO[bytes], whole: _Box) -> tuple[int, int] | None:
    box: _Box | None = whole
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        box = box and _first(file, box, name)
    entry = box and next(_boxes(file, box._replace(start=box.start + 8)), None)
    if entry is None:
        return None
    colour = _first(file, entry._replace(start=entry.start + 78), b"colr")
    return None if colour is None else _nclx(file, colour)


def _nclx(file: IO[bytes], box: _Box) -> tuple[int, int] | None:
    """Read an nclx box (ISO/IEC 14496-12, 12.1.5)."""
    if box.name != b"colr":
        return None
    kind, primaries, transfer = struct.unpack(">4sHH", _content(file, box, 8).ljust(8, b"\0"))
    return (primaries, transfer) if kind == b"nclx" else None


def _first(file: IO[bytes], parent: _Box, name: bytes) -> _Box | None:
    return next((box for box in _boxes(file, parent) if box.name == name), None)


def _boxes(file: IO[bytes], parent: _Box) -> Iterator[_Box]:
    """Yield the boxes in a box, as far as they lie inside it."""
    place = parent.start
    for _ in range(_MOST_BOXES):
        if place + 8 > parent.end:
            return
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        start = place + 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            start += 8
        end = place + length if length else parent.end
        if not start <= end <= parent.end:
            return
        yield _Box(name, start, end)
        place = end


def _content(file: IO[bytes], box: _Box, most: int = _LARGEST) -> bytes:
    file.seek(box.start)
    return file.read(min(box.end - box.start, most))
