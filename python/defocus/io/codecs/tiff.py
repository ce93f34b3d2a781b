"""Uncompressed TIFF: the EXIF block with all offsets unchanged, followed by the pixels.

A TIFF is itself such a block.  The offsets of a maker note count from the start of the file, so
they stay right if the file begins like the block.  Pillow describes the pixels.  But it rewrites
EXIF, and writes 16 bits only for grey images (TIFF 6.0, sections 2 and 8).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from defocus.io.metadata import exif
from defocus.io.metadata.exif_block import Block, Directory, Entry, read, write
from defocus.pixels.samples import Samples16

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["encode"]

_SHORT, _LONG, _FRACTION, _BYTE, _UNDEFINED = 3, 4, 5, 1, 7
_UNITS = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 4,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 8,
}  # bytes to swap
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WIDTH, _LENGTH, _BITS, _OFFSETS, _ROWS, _COUNTS = 256, 257, 258, 273, 278, 279
_XMP, _IPTC, _PROFILE = 0x02BC, 0x83BB, 0x8773
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_DESCRIPTION = 1 << 16  # bytes; Pillow's description is complete within them
_CENTIMETRES = 3  # the unit of a resolution


def encode(pages: Iterable[Image.Image | Samples16], settings: Mapping[str, Any]) -> bytes:
    """Encode images, one per page; `settings` are those of `formats.pillow_settings`.

    A page is a Pillow image, or uint16 H x W x C (grey, grey and alpha, RGB or RGBA).  Metadata are
    those of the first page.  Raises ValueError above the 4 GiB of a TIFF.
    """
    block = read(settings.get("exif", b"")) or Block()
    _describe(block, settings)
    described = [
        _deep_page(page, block.order) if isinstance(page, np.ndarray) else _page(page, block.order)
        for page in pages
    ]
    main, others = described[0][0], [directory for directory, _ in described[1:]]
    block.main.entries |= main.entries
    block.main.place = None
    tables = [block.main, *others]
    place = len(write(block, others))
    place += place % 2
    for table, (_, strips) in zip(tables, described, strict=True):
        offsets = []
        for strip in strips:
            offsets.append(place)
            place += len(strip) + len(strip) % 2
        if place >= 1 << 32:
            raise ValueError("it is larger than 4 GiB")
        table.entries[_OFFSETS] = _numbers(block.order, _LONG, *offsets)
    parts: list[Any] = [write(block, others)]
    parts[0] += bytes(len(parts[0]) % 2)
    for _, strips in described:
        for strip in strips:
            parts += [strip, bytes(len(strip) % 2)]
    return b"".join(parts)


def _describe(block: Block, settings: Mapping[str, Any]) -> None:
    """Add the metadata for which a TIFF has tags of its own."""
    entries = block.main.entries
    for tag, kind, name in (
        (_XMP, _BYTE, "xmp"),
        (_IPTC, _UNDEFINED, "iptc"),
        (_PROFILE, _UNDEFINED, "icc_profile"),
    ):
        if data := settings.get(name):
            entries[tag] = Entry(kind, len(data), data)
    if resolution := settings.get("dpi"):
        centimetres = exif.number(block, _RESOLUTION_UNIT) == _CENTIMETRES
        if not centimetres:
            entries[_RESOLUTION_UNIT] = _numbers(block.order, _SHORT, 2)
        for tag, dots in zip((_X_RESOLUTION, _Y_RESOLUTION), resolution, strict=True):
            value = Fraction(dots / 2.54 if centimetres else dots).limit_denominator(1000)
            if abs(exif.number(block, tag) - value) > value / 1000:
                entries[tag] = _numbers(block.order, _FRACTION, *value.as_integer_ratio())


def _page(picture: Image.Image, order: str) -> tuple[Directory, list[Any]]:
    """Return Pillow's description of the pixels of an image, and its strips."""
    file = io.BytesIO()
    picture.save(file, format="TIFF", compression="raw", icc_profile=b"")
    data = file.getbuffer()
    block = read(bytes(data[:_DESCRIPTION]))
    assert block is not None
    entries = block.main.entries
    places, sizes = (
        struct.unpack(
            f"<{entries[tag].count}{'H' if entries[tag].kind == _SHORT else 'I'}", entries[tag].data
        )
        for tag in (_OFFSETS, _COUNTS)
    )
    strips: list[Any] = [data[at : at + size] for at, size in zip(places, sizes, strict=True)]
    (bits,) = struct.unpack_from("<H", entries[_BITS].data) if _BITS in entries else (1,)
    if order == ">" and bits > 8:
        strips = [
            np.frombuffer(strip, f"u{bits // 8}").byteswap().data.cast("B") for strip in strips
        ]
    directory = Directory({tag: _reordered(entry, order) for tag, entry in entries.items()})
    directory.entries[_OFFSETS] = _numbers(order, _LONG, *places)
    return directory, strips


def _deep_page(samples: Samples16, order: str) -> tuple[Directory, list[Any]]:
    from PIL import Image

    height, width, channels = samples.shape
    directory, _ = _page(Image.new(_MODES[channels], (1, 1)), order)
    size = samples.size * 2
    if size >= 1 << 32:
        raise ValueError("it is larger than 4 GiB")
    numbers = {_WIDTH: width, _LENGTH: height, _ROWS: height, _COUNTS: size}
    directory.entries |= {tag: _numbers(order, _LONG, n) for tag, n in numbers.items()}
    directory.entries[_BITS] = _numbers(order, _SHORT, *[16] * channels)
    stored = np.ascontiguousarray(samples, f"{order}u2")
    return directory, [stored.data.cast("B")]


def _reordered(entry: Entry, order: str) -> Entry:
    """Return a little-endian entry in the given byte order."""
    data = entry.data
    if order == ">":
        data = np.frombuffer(data, f"u{_UNITS[entry.kind]}").byteswap().tobytes()
    return Entry(entry.kind, entry.count, data)


def _numbers(order: str, kind: int, *values: int) -> Entry:
    form = "H" if kind == _SHORT else "I"
    count = len(values) // 2 if kind == _FRACTION else len(values)
    return Entry(kind, count, struct.pack(f"{order}{len(values)}{form}", *values))
