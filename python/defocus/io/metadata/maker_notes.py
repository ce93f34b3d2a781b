"""Maker notes in EXIF: previews are blanked in place, so that all other data stays where it was.

Most notes are a directory like those of EXIF, behind a name.  Their offsets count from the start of
the EXIF block, or from a place in the note, which is not documented.  The right origin is the one
for which most values lie in the note (exiftool's documentation, "Maker Notes", describes each
maker).
"""

from __future__ import annotations

import struct
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from defocus.io.metadata import embedded_images
from defocus.io.metadata.exif_block import SIZES, Row, rows

__all__ = ["Note", "clean"]

_LONG, _DIRECTORY = 4, 13
_ENTRY = 12  # bytes
_STARTS = (
    0,
    6,
    8,
    10,
    12,
    14,
    16,
    18,
    20,
    22,
    24,
    26,
)  # offsets at which directories begin, behind names
_HEADERS = (b"II*\0", b"MM\0*")  # some notes are a complete block behind a name
_POINTED = (b"FUJIFILM", b"GENERALE")  # the offset of the directory is stored at 8
_LARGEST_NAME = 32  # bytes
_NAMES = range(-6, -16, -1)  # origins behind names
_HEADER, _FARTHEST = 8, 1 << 16  # the range of places of a note in a block
_MOST_ENTRIES = 512
# Sizes of thumbnails that are stored as bare samples, one to three bytes per pixel.
_THUMBNAILS = (
    *((320, 240), (320, 214), (320, 213), (320, 212), (320, 180), (192, 128), (160, 120)),
    *((160, 107), (160, 106), (160, 90), (128, 96), (120, 90), (120, 80), (100, 75), (96, 72)),
    *((80, 60), (72, 54)),
)
_BARE = {w * h * bytes_ // 2 for w, h in _THUMBNAILS for bytes_ in (2, 3, 4, 6)}


@dataclass(frozen=True)
class Note:
    """A note without images, as long as before.

    `place` is where it must lie in the block for its offsets to be right, or None for anywhere.
    `pins` are values outside of it, by their place in the block.
    """

    data: bytes
    place: int | None
    pins: dict[int, bytes] = field(default_factory=dict)


class _Table(NamedTuple):
    """A directory; `origin` is where its offsets count from, if that is known."""

    start: int
    order: str
    values: list[Row]
    origin: int | None = None

    @property
    def end(self) -> int:
        return self.start + 2 + _ENTRY * len(self.values)


def clean(
    data: bytes, place: int | None, source: bytes, order: str, *, moved: bool = False
) -> Note | None:
    """Blank the previews in a note that lies at `place` in the block `source`.

    If a program without knowledge of its offsets `moved` it, the offsets tell its former place.  If
    they do not, the result is None.
    """
    table = _find_table(data, order)
    if table is None:
        return Note(embedded_images.blanked(data), None if moved else place)
    origin, inside = _origin(table, len(data), place)
    if moved and not inside:
        return None
    tables = [table, *_inner(data, table, origin)]
    far = [v for t in tables for v in t.values if v.size > 4]
    gone = _pictures(data, _spans(far, origin, table.end, len(data)))
    out = bytearray(data)
    for begin, end in gone:
        out[begin:end] = bytes(end - begin)
    pins = _outside(far, origin, len(data), source) if origin == place and not moved else {}
    for found in reversed(tables):
        _forget(out, found, origin, gone, source)
    return Note(bytes(out), origin if origin > 0 else None, pins)


def _spans(values: list[Row], origin: int, start: int, end: int) -> set[tuple[int, int]]:
    """Return the places of those values that lie between `start` and `end` of the note."""
    spans = ((v.value - origin, v.value - origin + v.size) for v in values)
    return {(a, b) for a, b in spans if a >= start and b <= end}


def _outside(values: list[Row], origin: int, length: int, source: bytes) -> dict[int, bytes]:
    """Return the values that lie outside of the note and hold no image, by their place."""
    spans = {
        value.value: value.value + value.size
        for value in values
        if (value.value < origin or value.value + value.size > origin + length)
        and value.value + value.size <= len(source)
    }
    if sum(end - begin for begin, end in spans.items()) > 2 * len(source):
        return {}  # they overlap, as in no camera's file
    held = {begin: source[begin:end] for begin, end in spans.items()}
    return {at: data for at, data in held.items() if not embedded_images.holds_picture(data)}


def _pictures(data: bytes, values: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return images inside values, which end with their value at the latest, and between values."""
    if sum(end - begin for begin, end in values) > 2 * len(data):
        values = set()  # they overlap, as in no camera's file
    found: set[tuple[int, int]] = set()
    between = bytearray(data)
    for begin, end in values:
        own = list(embedded_images.pictures(data[begin:end]))
        if end - begin in _BARE or (own and own[0][0] <= _LARGEST_NAME):
            found.add((begin, end))
        else:
            found |= {(begin + start, begin + stop) for start, stop in own}
        between[begin:end] = bytes(end - begin)
    begins = sorted(begin for begin, _ in values)
    for start, stop in embedded_images.pictures(bytes(between)):
        after = bisect(begins, start)
        found.add((start, min([stop, *begins[after : after + 1]])))
    return found


def _find_table(data: bytes, order: str) -> _Table | None:
    """Return the directory of a note, or None."""
    if data.startswith(_POINTED) and len(data) >= 12:
        return _table(data, int.from_bytes(data[8:12], "little"), "<", 0)
    for header in _HEADERS:
        at = data.find(header, 0, _LARGEST_NAME)
        is_picture = next(embedded_images.pictures(data[max(at, 0) :]), (1, 1))[0] == 0
        if at >= 0 and len(data) >= at + 8 and not is_picture:
            own = "<" if header[:1] == b"I" else ">"
            start = at + struct.unpack_from(own + "I", data, at + 4)[0]
            found = _table(data, start, own, -at)
            if found:
                return found
    orders = (order, "<" if order == ">" else ">")
    tables = (_table(data, start, each) for start in _STARTS for each in orders)
    # A name may look like a directory with one entry.
    return max((t for t in tables if t), key=lambda table: len(table.values), default=None)


def _table(data: bytes, start: int, order: str, origin: int | None = None) -> _Table | None:
    """Return the directory at `start`, or None if the data there cannot be one."""
    if start + 2 > len(data):
        return None
    (count,) = struct.unpack_from(order + "H", data, start)
    if not 1 <= count <= _MOST_ENTRIES or start + 2 + _ENTRY * count > len(data):
        return None
    values = list(rows(data, start, order))
    if any(row.kind not in SIZES and row.kind != _DIRECTORY for row in values):
        return None
    return _Table(start, order, values, origin)


def _origin(table: _Table, length: int, place: int | None) -> tuple[int, bool]:
    """Return the origin of offsets, relative to the note, and whether most values lie in it.

    An offset minus the origin is a place in the note.  The origin is 0 at the start of the note,
    and negative behind its name.
    """
    far = [(v.value, v.size) for v in table.values if v.size > 4 and v.kind != _DIRECTORY]
    if table.origin is not None or not far:
        return table.origin or 0, True

    def inside(origin: int) -> int:
        return sum(table.end <= o - origin and o - origin + size <= length for o, size in far)

    own = place or 0
    if inside(own) == len(far):
        return own, True
    first = min(offset for offset, _ in far)

    def likely(origin: int) -> tuple[int, bool]:
        # Values usually follow the link after their directory.
        return inside(origin), first - origin == table.end + 4

    best = max((own, 0, *_NAMES), key=likely)  # the first of equal candidates
    if inside(best) > len(far) // 2:
        return best, True
    # The place before the note was moved; some directories have no link.
    best = max((first - table.end - 4, first - table.end), key=inside)
    if inside(best) > len(far) // 2 and _HEADER <= best <= _FARTHEST:
        return best, True
    return own, False


def _inner(data: bytes, table: _Table, origin: int) -> Iterator[_Table]:
    """Yield the directories that entries of another one lead to."""
    seen = {table.start}
    for value in table.values:
        start = value.value - origin
        if value.kind in (_LONG, _DIRECTORY) and value.number == 1 and start not in seen:
            found = _table(data, start, table.order) if start >= table.end else None
            if found:
                seen.add(start)
                yield found


def _forget(
    out: bytearray, table: _Table, origin: int, gone: set[tuple[int, int]], source: bytes
) -> None:
    """Remove entries that lead to removed data, or state its length, from a directory."""
    begins, lengths = {start for start, _ in gone}, {end - start for start, end in gone}
    kept = []
    for value in table.values:
        start = value.value - origin
        if value.size > 4:
            leads = (start, start + value.size) in gone
        else:
            long = value.kind == _LONG and value.number == 1
            leads = long and (
                start in begins
                or value.value in begins
                or value.value in lengths
                or embedded_images.holds_picture(source[value.value : value.value + 4])
            )
        if not leads:
            kept.append(bytes(out[value.at : value.at + _ENTRY]))
    if len(kept) == len(table.values):
        return
    link = bytes(out[table.end : table.end + 4])
    body = b"".join(kept) + link
    struct.pack_into(table.order + "H", out, table.start, len(kept))
    size = table.end - table.start - 2 + len(link)
    out[table.start + 2 : table.start + 2 + size] = body.ljust(size, b"\0")
