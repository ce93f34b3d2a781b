"""Blocks in the structure of TIFF, such as EXIF: directories of entries, read and written.

TIFF 6.0, section 2, and Exif 2.32, section 4.  Data that no directory leads to is neither read nor
written: thumbnails, chained directories, anything in between.
"""

from __future__ import annotations

import struct
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "EXIF",
    "GPS",
    "PREFIX",
    "SIZES",
    "Block",
    "Directory",
    "Entry",
    "Row",
    "is_empty",
    "read",
    "rows",
    "write",
]

PREFIX = b"Exif\0\0"
EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005  # tags that lead to a directory
# Bytes of one value, by the number of its type; 129 is UTF-8 (Exif 3.0).
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}
_LONG = 4
_HEADER, _ENTRY = 8, 12  # bytes
_INLINE = 4  # bytes that fit into an entry
_MOST_ROWS = 4096  # of all directories together
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
# Tags that lead to other directories, by the tag of their own directory; 0 is the first one.
_CHILDREN: dict[int, tuple[int, ...]] = {0: (EXIF, GPS), EXIF: (INTEROP,), GPS: (), INTEROP: ()}


class Row(NamedTuple):
    """One 12-byte row of a directory, as it is stored.

    `at` is its place in the data.  `value` holds up to 4 bytes of values, or their offset.
    """

    at: int
    tag: int
    kind: int
    number: int
    value: int

    @property
    def size(self) -> int:
        """Bytes of the values; a type of unknown size counts one byte for each value."""
        return SIZES.get(self.kind, 1) * self.number


@dataclass
class Entry:
    """The values of one tag, as bytes in the byte order of the block.

    `place` is where they lay in the block, or None for anywhere or in the entry itself.  `fixed`
    values stay there: they count offsets from the start of the block.
    """

    kind: int
    count: int
    data: bytes
    place: int | None = None
    fixed: bool = False


@dataclass
class Directory:
    """Entries by tag, and child directories by the tag that leads to them."""

    entries: dict[int, Entry] = field(default_factory=dict)
    children: dict[int, Directory] = field(default_factory=dict)
    place: int | None = None

    @property
    def size(self) -> int:
        """The size of the table in bytes."""
        return 2 + _ENTRY * (len(self.entries) + len(self.children)) + 4


@dataclass
class Block:
    """A block: `order` is "<" or ">", `main` its first directory.

    `pins` holds bytes that none of our directories leads to, by the place where they must lie.
    `source` is the data that was read.
    """

    order: str = "<"
    main: Directory = field(default_factory=Directory)
    pins: dict[int, bytes] = field(default_factory=dict)
    source: bytes = b""

    def directories(self) -> Iterator[Directory]:
        """Yield all directories, the first one first."""
        waiting = [self.main]
        while waiting:
            directory = waiting.pop()
            yield directory
            waiting += directory.children.values()

    def compact(self) -> None:
        """Let all values lie anywhere, except fixed ones."""
        for directory in self.directories():
            directory.place = None
            for entry in directory.entries.values():
                entry.place = entry.place if entry.fixed else None


def read(data: bytes) -> Block | None:
    """Read a block, with or without its prefix; None if it is not a block, or has no entry.

    Entries that lead beyond its end, or have an unknown type, are left out.
    """
    begin = 0
    while data.startswith(PREFIX, begin):
        begin += len(PREFIX)
    data = data[begin:]
    if (order := _ORDERS.get(data[:4])) is None or len(data) < _HEADER:
        return None
    (start,) = struct.unpack_from(order + "I", data, 4)
    try:
        main = _Reader(data, order).directory(start, 0)
    except ValueError:
        return None
    return Block(order, main, source=data) if main.entries or main.children else None


def is_empty(data: bytes) -> bool:
    """Return whether the data is a valid block without entries."""
    data = data.removeprefix(PREFIX)
    return data[:4] in _ORDERS and not data[_HEADER:].strip(b"\0")


def rows(data: bytes, start: int, order: str) -> Iterator[Row]:
    """Yield the rows of the directory at `start`, as far as they lie in the data."""
    if start + 2 > len(data):
        return
    (count,) = struct.unpack_from(order + "H", data, start)
    count = min(count, (len(data) - start - 2) // _ENTRY)
    for at in range(start + 2, start + 2 + _ENTRY * count, _ENTRY):
        yield Row(at, *struct.unpack_from(order + "HHII", data, at))


class _Reader:
    def __init__(self, data: bytes, order: str) -> None:
        self._data = data
        self._order = order
        # Only files that are made to exhaust memory or time have overlapping values or many rows.
        self._left, self._rows_left = 2 * len(data), _MOST_ROWS

    def directory(self, start: int, own: int) -> Directory:
        """Return the directory at `start`, to which the tag `own` leads."""
        found = Directory(place=start)
        for row in rows(self._data, start, self._order):
            self._rows_left -= 1
            if self._rows_left < 0:
                raise ValueError("the directories have too many entries")
            if row.tag in _CHILDREN[own]:
                if row.tag not in found.children and row.number == 1:
                    child = self.directory(row.value, row.tag)
                    if child.entries or child.children:
                        found.children[row.tag] = child
            elif row.kind in SIZES and row.tag not in found.entries and (entry := self._entry(row)):
                found.entries[row.tag] = entry
        return found

    def _entry(self, row: Row) -> Entry | None:
        size, place = row.size, row.value
        if size <= _INLINE:
            return Entry(row.kind, row.number, self._data[row.at + 8 : row.at + 8 + size])
        if place + size > len(self._data):
            return None
        self._left -= size
        if self._left < 0:
            raise ValueError("the values are larger than the block")
        return Entry(row.kind, row.number, self._data[place : place + size], place)


def write(block: Block, pages: Sequence[Directory] = ()) -> bytes:
    """Return the bytes of a block, without prefix; `pages` are directories chained to its first.

    Values with a place stay there, unless it is already taken.
    """
    chain = [block.main, *pages]
    tables = [table for main in chain for table in Block(main=main).directories()]
    values = [e for table in tables for e in table.entries.values() if len(e.data) > _INLINE]
    layout = _Layout()
    places = _placed(layout, tables, values, block.pins)
    out = bytearray(layout.end)
    out[:4] = b"II*\0" if block.order == "<" else b"MM\0*"
    struct.pack_into(block.order + "I", out, 4, places[id(block.main)])
    for at, data in block.pins.items():
        if id(data) in places:
            out[at : at + len(data)] = data
    links = dict(zip(map(id, chain), [places[id(page)] for page in pages], strict=False))
    for table in tables:
        _write_table(out, block.order, table, places, links.get(id(table), 0))
    return bytes(out)


def _placed(
    layout: _Layout, tables: list[Directory], values: list[Entry], pins: dict[int, bytes]
) -> dict[int, int]:
    """Return the place of everything by its id; pins whose place is taken are left out."""
    places = _fixed_places(layout, values, pins)
    shared: dict[tuple[int | None, bytes], int] = {}
    items: list[Directory | Entry] = [*tables, *values]
    waiting: list[Directory | Entry] = []
    for item in sorted((item for item in items if id(item) not in places), key=_wanted):
        same = (item.place, item.data) if isinstance(item, Entry) else (None, b"")
        if item.place is not None and layout.claim(item.place, _size(item)):
            places[id(item)] = shared[same] = item.place
        elif same[0] is not None and same in shared:
            places[id(item)] = shared[same]
        else:
            waiting.append(item)
    for item in waiting:
        places[id(item)] = layout.find(_size(item))
    return places


def _fixed_places(layout: _Layout, values: list[Entry], pins: dict[int, bytes]) -> dict[int, int]:
    """Take the places of fixed values and of pins; return them by id."""
    places: dict[int, int] = {}
    for entry in values:
        if entry.fixed and entry.place is not None and layout.claim(entry.place, len(entry.data)):
            places[id(entry)] = entry.place
    for at, data in pins.items():
        if layout.claim(at, len(data)):
            places[id(data)] = at
    return places


def _size(item: Directory | Entry) -> int:
    return item.size if isinstance(item, Directory) else len(item.data)


def _wanted(item: Directory | Entry) -> int:
    return -1 if item.place is None else item.place


def _write_table(
    out: bytearray, order: str, table: Directory, places: dict[int, int], link: int
) -> None:
    at = places[id(table)]
    rows: dict[int, bytes] = {}
    for tag, child in table.children.items():
        rows[tag] = struct.pack(order + "HHII", tag, _LONG, 1, places[id(child)])
    for tag, entry in table.entries.items():
        head = struct.pack(order + "HHI", tag, entry.kind, entry.count)
        if len(entry.data) <= _INLINE:
            rows[tag] = head + entry.data.ljust(_INLINE, b"\0")
            continue
        place = places[id(entry)]
        rows[tag] = head + struct.pack(order + "I", place)
        out[place : place + len(entry.data)] = entry.data
    body = b"".join(row for _, row in sorted(rows.items()))
    head = struct.pack(order + "H", len(rows))
    out[at : at + table.size] = head + body + struct.pack(order + "I", link)


class _Layout:
    """The taken parts of a block: sorted, without overlap."""

    def __init__(self) -> None:
        self._taken = [(0, _HEADER)]

    @property
    def end(self) -> int:
        return self._taken[-1][1]

    def claim(self, place: int, size: int) -> bool:
        """Take `size` bytes at `place`, if they are free."""
        at = bisect(self._taken, (place, place + size))
        before = self._taken[at - 1][1] if at else _HEADER
        if place < before or (at < len(self._taken) and self._taken[at][0] < place + size):
            return False
        self._taken.insert(at, (place, place + size))
        return True

    def find(self, size: int) -> int:
        """Take `size` bytes at an even place, in the first gap that is large enough."""
        for at, (start, end) in enumerate(self._taken):
            place = end + end % 2
            if at + 1 == len(self._taken) or place + size <= self._taken[at + 1][0]:
                self._taken[at] = start, place + size
                return place
        raise AssertionError("behind the last there is always room")
