"""The EXIF that survives: the description of the photograph, without images of it."""

from __future__ import annotations

import struct

from defocus.io.metadata import embedded_images, maker_notes
from defocus.io.metadata.exif_block import (
    EXIF,
    GPS,
    INTEROP,
    PREFIX,
    Block,
    Directory,
    Entry,
    read,
    write,
)

__all__ = [
    "ORIENTATION",
    "fitted",
    "forget_areas",
    "forget_fixed_note",
    "forget_orientation",
    "forget_place",
    "keep",
    "number",
    "set_size",
    "take_orientation",
]

_MAKER_NOTE = 0x927C
ORIENTATION = 0x0112
_TEXT, _SHORT, _LONG, _UTF8 = 2, 3, 4, 129
# The types of numbers by their names in struct; the last two are fractions.
_FORMS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 5: "II", 10: "ii"}
# Tags on the storage of pixels and on thumbnails, and packets that are handled separately
# (TIFF 6.0 and its supplements, DNG 1.7).
_OF_ONE_FILE = {
    *(0x00FE, 0x00FF, 0x0102, 0x0103, 0x0106, 0x0107, 0x0108, 0x0109, 0x010A, 0x0111, 0x0115),
    *(0x0116, 0x0117, 0x0118, 0x0119, 0x011C, 0x0120, 0x0121, 0x0122, 0x0123, 0x013D, 0x0140),
    *(0x0141, 0x0142, 0x0143, 0x0144, 0x0145, 0x014A, 0x014C, 0x014D, 0x0152, 0x0153, 0x015B),
    *(0x0200, 0x0201, 0x0202, 0x0203, 0x0205, 0x0206, 0x0207, 0x0208, 0x0209, 0x0212),
    *(0x02BC, 0x83BB, 0x8649, 0x8773, 0x935C, 0xEA1C),
}
# Unknown values up to this size are kept: no image is as small.  Text, and tags that the standards
# describe, may be longer.
_SMALL = 256  # bytes
_ROW = 12  # bytes of an entry in its directory
_MAY_BE_LARGE = {
    *(0x8828, 0x9286, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, 0xA20C, 0xA302, 0xA40B, 0xC4A5),
    *(0x001B, 0x001C),  # of GPS
}
_AREAS = (0x9214, 0xA214)  # the area of the subject, in pixels of the file
# Tags of width and height, by the tag of their directory; 0 is the first directory.
_SIZES = {0: (0x0100, 0x0101), EXIF: (0xA002, 0xA003), INTEROP: (0x1001, 0x1002)}


def keep(data: bytes, *, moved: bool = False) -> tuple[Block | None, list[str]]:
    """Read a block without images of the unedited photograph, and name what else is lost.

    `moved` means that a program rewrote the block after the camera.
    """
    block = read(data)
    if block is None:
        return None, []
    lost: list[str] = []
    for directory in block.directories():
        for tag in [tag for tag, entry in directory.entries.items() if not _stays(tag, entry)]:
            del directory.entries[tag]
    inner = block.main.children.get(EXIF)
    entry = inner.entries.get(_MAKER_NOTE) if inner else None
    if inner and entry:
        note = maker_notes.clean(entry.data, entry.place, block.source, block.order, moved=moved)
        if note is None:
            del inner.entries[_MAKER_NOTE]
            lost.append("the maker note")
        else:
            place = entry.place if note.place is None else note.place
            inner.entries[_MAKER_NOTE] = Entry(
                entry.kind, entry.count, note.data, place, note.place is not None
            )
            block.pins = note.pins
    _drop_empty(block.main)
    return block, lost


def _drop_empty(directory: Directory) -> None:
    """Drop the directories that have lost all their entries: a directory has at least one."""
    for tag, child in list(directory.children.items()):
        _drop_empty(child)
        if not (child.entries or child.children):
            del directory.children[tag]


def _stays(tag: int, entry: Entry) -> bool:
    if tag in _OF_ONE_FILE:
        return False
    if tag == _MAKER_NOTE or len(entry.data) <= 4:
        return True
    large = entry.kind in (_TEXT, _UTF8) or tag in _MAY_BE_LARGE or len(entry.data) <= _SMALL
    return large and not embedded_images.holds_picture(entry.data)


def take_orientation(block: Block) -> int:
    """Return the orientation that the block states, or 0, and reset it to 1."""
    if ORIENTATION not in block.main.entries:
        return 0
    stated = int(number(block, ORIENTATION))
    block.main.entries[ORIENTATION] = _numbered(block, _SHORT, 1)
    return stated


def forget_orientation(block: Block) -> None:
    """Remove the orientation: for formats that state it elsewhere."""
    block.main.entries.pop(ORIENTATION, None)


def forget_areas(block: Block) -> None:
    """Remove areas that are in another place after the image was turned or cropped."""
    for tag in _AREAS:
        _inner(block, EXIF).entries.pop(tag, None)


def forget_place(block: Block) -> None:
    """Remove where the photograph was taken."""
    block.main.children.pop(GPS, None)


def forget_fixed_note(block: Block) -> list[str]:
    """Remove a maker note that would break elsewhere, and name it if there is one."""
    entries = _inner(block, EXIF).entries
    if _MAKER_NOTE not in entries or not entries[_MAKER_NOTE].fixed:
        return []
    del entries[_MAKER_NOTE]
    block.pins = {}
    return ["the maker note"]


def set_size(block: Block, size: tuple[int, int]) -> None:
    """Set all tags that state the image's width or height."""
    for own, tags in _SIZES.items():
        directory = _inner(block, own)
        for tag, pixels in zip(tags, size, strict=True):
            if entry := directory.entries.get(tag):
                kind = _SHORT if entry.kind == _SHORT and pixels < 1 << 16 else _LONG
                directory.entries[tag] = _numbered(block, kind, pixels)


def _inner(block: Block, own: int) -> Directory:
    """Return the directory that a tag leads to, or an empty one."""
    if own == 0:
        return block.main
    parent = _inner(block, EXIF) if own == INTEROP else block.main
    return parent.children.get(own, Directory())


def number(block: Block, tag: int) -> float:
    """Return the single number that a tag of the first directory states, or 0."""
    entry = block.main.entries.get(tag)
    form = _FORMS.get(entry.kind) if entry else None
    if entry is None or form is None or entry.count != 1:
        return 0
    top, *bottom = struct.unpack(block.order + form, entry.data)
    return top / bottom[0] if bottom and bottom[0] else float(top if not bottom else 0)


def _numbered(block: Block, kind: int, value: int) -> Entry:
    return Entry(kind, 1, struct.pack(block.order + ("H" if kind == _SHORT else "I"), value))


def fitted(block: Block, limit: int) -> tuple[bytes, list[str]]:
    """Return the bytes of a block with its prefix, at most `limit`, and the names of what was
    removed.

    The maker note is removed first, then the largest other values.
    """
    lost: list[str] = []
    data = PREFIX + write(block)
    if len(data) > limit:
        block.compact()
        data = PREFIX + write(block)
    inner = _inner(block, EXIF)
    if len(data) > limit and _MAKER_NOTE in inner.entries:
        del inner.entries[_MAKER_NOTE]
        block.pins = {}
        lost.append("the maker note")
        data = PREFIX + write(block)
    if len(data) > limit:
        lost.append("the longest parts of EXIF")
    while len(data) > limit:
        _drop_largest(block, len(data) - limit)
        data = PREFIX + write(block)
    return data, lost


def _drop_largest(block: Block, excess: int) -> None:
    """Remove the largest values, as few as may make the block `excess` bytes shorter."""
    found = [(d, tag, len(d.entries[tag].data)) for d in block.directories() for tag in d.entries]
    for directory, tag, size in sorted(found, key=lambda each: -each[2]):
        del directory.entries[tag]
        excess -= _ROW + size + size % 2
        if excess <= 0:
            return
