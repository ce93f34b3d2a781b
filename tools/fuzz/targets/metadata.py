"""Our own parsers of metadata: EXIF, maker notes, XMP, IPTC, and images hidden in any of them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import TypeAlias

from defocus.io.metadata import embedded_images, exif, exif_block, iptc, xmp
from tools.fuzz.inputs import Choices
from tools.fuzz.pictures import exif as exif_of
from tools.fuzz.pictures import xmp as xmp_of

DICTIONARY = "metadata.dict"
_BEGINS = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n\x1a\n")
_LIMITS = (65533, 4000, 200)
# Entries by tag, and the values of other directories by the tag that leads to them.
_Values: TypeAlias = "tuple[dict[int, tuple[int, int, bytes]], dict[int, _Values]]"
_NOTHING: dict[int, tuple[int, int, bytes]] = {}


def seeds() -> Iterable[bytes]:
    """Blocks in both byte orders, packets with and without an orientation, records of IPTC."""
    for order in "<>":
        yield b"\0" + exif_of(order)
    for packet in (_PLAIN, xmp_of()):
        yield b"\1" + packet.encode()
        yield b"\1" + packet.encode("utf-16")
    yield b"\4" + xmp_of().encode() + _BETWEEN + _EXTENSION
    yield b"\2" + _captions()
    yield b"\2" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(_captions())) + _captions()
    yield b"\3" + b"text \xff\xd8\xff\xe0\0\x04AB\xff\xda\0\x08\1\1\0\0\x3f\0abc\xff\xd9 more"
    yield b"\3" + b"BASE64 " + b"/9j/4AAQSkZJRgABAQAAAQABAAD" * 8


def check(data: bytes) -> None:
    """Parse, write and parse again: what was written has to be read alike."""
    choices = Choices(data)
    (_exif, _xmp, _iptc, _hidden, _extended_xmp)[choices.number(5)](choices.rest())


def _exif(data: bytes) -> None:
    found, _ = exif.keep(data)
    if found is None:
        return
    exif.take_orientation(found)
    exif.set_size(found, (70000, 3))
    written = exif_block.PREFIX + exif_block.write(found)
    again = exif_block.read(written)
    assert again is not None or exif_block.is_empty(written)
    assert _values(again) == _values(found)
    for limit in _LIMITS:
        fitted, _ = exif.fitted(found, limit)
        assert len(fitted) <= limit
    exif.forget_place(found)
    exif.forget_orientation(found)
    exif.forget_fixed_note(found)
    exif_block.write(found)


def _values(block: exif_block.Block | None) -> _Values:
    return _tree(block.main) if block else (_NOTHING, {})


def _tree(directory: exif_block.Directory) -> _Values:
    """The values of a directory, and of those that it leads to, in no order."""
    own = {tag: (entry.kind, entry.count, entry.data) for tag, entry in directory.entries.items()}
    inner = {tag: _tree(child) for tag, child in directory.children.items()}
    return own, {tag: values for tag, values in inner.items() if values != (_NOTHING, {})}


def _xmp(data: bytes) -> None:
    packet, _ = xmp.keep(data, b"")
    orientation, upright = xmp.upright(packet)
    assert 0 <= orientation <= 8
    assert xmp.upright(upright)[0] in (0, 1)
    xmp.without_regions(xmp.resized(upright, (3, 4)))


def _extended_xmp(data: bytes) -> None:
    """A packet and the one that extends it, as JPEG stores them."""
    packet, _, extension = data.partition(_BETWEEN)
    kept, _ = xmp.keep(packet, extension)
    assert xmp.keep(kept, b"")[0] == kept


def _iptc(data: bytes) -> None:
    kept = iptc.keep(iptc.of_resources(data) or data)
    assert iptc.keep(kept) == kept


def _hidden(data: bytes) -> None:
    """After blanking, nothing begins like a JPEG or a PNG."""
    blanked = embedded_images.blanked(data)
    assert len(blanked) == len(data)
    assert not _BEGINS.search(blanked)


def _captions() -> bytes:
    return b"\x1c\1\x5a\0\3\x1b%G" + b"\x1c\2\x78\0\5Hello" + b"\x1c\2\x19\0\4word"


_BETWEEN = b"\xff\0\xff"
_EXTENSION = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MicroVideo="1"
 xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/">
<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item
 Item:Semantic="Depth"/></rdf:li></rdf:Seq></Container:Directory></rdf:Description></rdf:RDF>
</x:xmpmeta>"""
_PLAIN = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"
 tiff:ImageWidth="10"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
