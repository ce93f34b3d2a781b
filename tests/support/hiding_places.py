"""Files that hide a picture of their own wherever a file can, and a search for it in another."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

SIZE = (96, 64)
_RDF = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:q="urn:unknown" '
    b'dc:creator="Me"%s>%s</rdf:Description></rdf:RDF></x:xmpmeta>'
)


def noise(size: tuple[int, int], seed: int = 5) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8))


def encoded(image: Image.Image, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


SECRET = noise((40, 30))
JPEG = encoded(SECRET, "JPEG", quality=70)
PICTURES = {
    "JPEG": JPEG,
    "progressive": encoded(SECRET, "JPEG", quality=70, progressive=True),
    "PNG": encoded(SECRET, "PNG"),
    "WebP": encoded(SECRET, "WEBP"),
    "TIFF": encoded(SECRET, "TIFF"),
    "GIF": encoded(SECRET, "GIF"),
    "BMP": encoded(SECRET, "BMP"),
    # Some makers change the first byte, or cut the picture's end off.
    "headless": b"\x05" + JPEG[1:],
    "endless": JPEG[:-40],
}


def traces(file: bytes, picture: bytes) -> int:
    """How many pieces of 16 bytes of the picture are in the file, however it is packed."""
    start = picture.find(b"\xff\xda")  # what stands before is alike in all JPEG
    own = picture[max(start, 0) + 60 :]
    pieces = {own[at : at + 16] for at in range(0, len(own) - 16, 16)}
    pieces = {piece for piece in pieces if len(set(piece)) > 8}
    assert len(pieces) > 20
    whole = b"|".join(_unpacked(file))
    return sum(piece in whole for piece in pieces)


def _unpacked(file: bytes) -> Iterator[bytes]:
    """The file, what is compressed in its chunks of text, and what text of either stands for."""
    texts = [file]
    for match in re.finditer(rb"zTXtRaw profile type \w+\0\0|iTXt[\w ]+\0\x01\0\0\0", file):
        texts.append(zlib.decompressobj().decompress(file[match.end() :]))
        digits = b"".join(texts[-1].split()[2:])
        if re.fullmatch(rb"[0-9a-f]+", digits):
            texts.append(bytes.fromhex(digits.decode()))
    for text in texts:
        yield text
        plain = re.sub(rb"\s|&#x?[0-9A-Fa-f]+;", b"", text.replace(b"\0", b""))
        for run in re.findall(rb"[A-Za-z0-9+/]{100,}", plain):
            for shift in range(4):
                part = run[shift:]
                yield base64.b64decode(part[: len(part) // 4 * 4])
        for run in re.findall(rb"[0-9A-Fa-f]{100,}", plain):
            yield bytes.fromhex(run[: len(run) // 2 * 2].decode())


# --- EXIF ---------------------------------------------------------------------------------------


Value = tuple[int, int, bytes]  # tag, type, data
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 13: 4}


def directory(
    values: list[Value], at: int, order: str = "<", *, base: int = 0, link: int = 0
) -> bytes:
    """A directory that lies at `at`, and its values after it; offsets count from `base`."""
    place = at + 2 + 12 * len(values) + 4
    head, tail = struct.pack(order + "H", len(values)), b""
    for tag, kind, data in sorted(values):
        head += struct.pack(order + "HHI", tag, kind, len(data) // _BYTES[kind])
        if len(data) <= 4:
            head += data.ljust(4, b"\0")
            continue
        tail += bytes(len(tail) % 2)
        head += struct.pack(order + "I", place + len(tail) - base)
        tail += data
    return head + struct.pack(order + "I", link) + tail


def exif(
    note: Callable[[int], bytes] | None = None,
    order: str = "<",
    *,
    main: list[Value] | None = None,
    inner: list[Value] | None = None,
    second: list[Value] | None = None,
    after: bytes = b"",
) -> bytes:
    """A block: a maker note, made for the place where it lies, and what else is given.

    `second` is a directory chained to the first, `after` follows all.
    """
    place = inner_at = second_at = 0
    for _ in range(2):  # the first time for the sizes
        maker = note(place) if note else b""
        own = [(0x010F, 2, b"Me!\0"), (0x8769, 4, struct.pack(order + "I", inner_at))]
        link = second_at if second else 0
        block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
        block += directory([*own, *(main or [])], 8, order, link=link)
        inner_at = len(block)
        plain = [(0x9003, 2, b"2024:02:29 12:00:00\0"), *(inner or [])]
        held = directory([*plain, (0x927C, 7, maker)] if note else plain, inner_at, order)
        if note:  # the last of the values, if no tag of `inner` is larger
            place = inner_at + held.index(maker, 2 + 12 * (len(plain) + 1)) if maker else 0
        block += held
        second_at = len(block)
        block += directory(second, second_at, order) if second else b""
    return b"Exif\0\0" + block + after


# Notes as makers write them: by name, what stands before the directory, and where offsets begin.
_NAMES: dict[str, tuple[bytes, str, str]] = {
    "Canon": (b"", "<", "block"),
    "Casio": (b"QVC\0\0\0", ">", "block"),
    "Epson": (b"EPSON\0\x01\0", "<", "block"),
    "Fujifilm": (b"FUJIFILM\x0c\0\0\0", "<", "note"),
    "Leica": (b"LEICA\0\0\0", "<", "block"),
    "Minolta": (b"", ">", "block"),
    "Nikon": (b"Nikon\0\x02\x10\0\0MM\0*\0\0\0\x08", ">", "header"),
    "old Nikon": (b"Nikon\0\x01\0", "<", "block"),
    "Olympus": (b"OLYMPUS\0II\x03\0", "<", "note"),
    "old Olympus": (b"OLYMP\0\x01\0", "<", "block"),
    "OM": (b"OM SYSTEM\0\0\0II\x04\0", "<", "note"),
    "Panasonic": (b"Panasonic\0\0\0", "<", "block"),
    "Pentax": (b"PENTAX \0MM", ">", "note"),
    "old Pentax": (b"AOC\0MM", ">", "block"),
    "Apple": (b"Apple iOS\0\0\x01MM", ">", "note"),
    "Ricoh": (b"Ricoh\0\0\0", ">", "block"),
    "Samsung": (b"", "<", "note"),
    "Sanyo": (b"SANYO\0\x01\0", "<", "block"),
    "Sigma": (b"SIGMA\0\0\0\x01\0", "<", "block"),
    "Sony": (b"SONY DSC \0\0\0", "<", "block"),
}
LENS = b"a lens, which stays where it is"


def note(maker: str, hidden: bytes, *, pointed: bool = False) -> tuple[Callable[[int], bytes], str]:
    """A maker's note, which holds LENS and a hidden picture; and the order of its block.

    If `pointed`, entries say where the picture begins, and how long it is.
    """
    name, order, origin = _NAMES[maker]

    def made(place: int) -> bytes:
        base = {"block": -place, "note": 0, "header": 10}[origin]
        values: list[Value] = [(0x0001, 2, b"abc\0"), (0x0095, 2, LENS)]
        if not pointed:
            values.append((0x2001, 7, hidden))
            return name + directory(values, len(name), order, base=base)
        for _ in range(2):
            start = len(name) + len(directory([*values, *_span(order, 0, 0)], 0, order))
            values_ = [*values, *_span(order, start - base, len(hidden))]
        return name + directory(values_, len(name), order, base=base) + hidden

    return made, order


def _span(order: str, start: int, length: int) -> list[Value]:
    packed = (struct.pack(order + "I", number) for number in (start, length))
    return [(tag, 4, data) for tag, data in zip((0x2002, 0x2003), packed, strict=True)]


MAKERS = list(_NAMES)


# --- XMP and the files --------------------------------------------------------------------------


def xmp(attributes: bytes = b"", elements: bytes = b"") -> bytes:
    return _RDF % (attributes, elements)


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def resources(*pairs: tuple[int, bytes]) -> bytes:
    """Photoshop's resources."""
    return b"".join(
        b"8BIM" + struct.pack(">HHI", kind, 0, len(data)) + data + bytes(len(data) % 2)
        for kind, data in pairs
    )


def jpeg(*segments: bytes, after: bytes = b"", **settings: Any) -> bytes:
    """A JPEG of quite another picture, with these segments."""
    plain = encoded(Image.new("RGB", SIZE, "teal"), "JPEG", **settings)
    return plain[:2] + b"".join(segments) + plain[2:] + after


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    plain = encoded(Image.new("RGB", SIZE, "teal"), "PNG")
    extra = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return plain[:33] + extra + plain[33:]


def raw_profile(name: bytes, data: bytes) -> tuple[bytes, bytes]:
    text = b"\n%s\n%8d\n%s\n" % (name, len(data), data.hex().encode())
    return b"zTXt", b"Raw profile type " + name + b"\0\0" + zlib.compress(text)


def places(picture: bytes) -> Iterator[tuple[str, bytes]]:
    """Files that hide the picture, and where each does."""
    text = base64.b64encode(picture)
    lines = b"&#xA;".join(text[at : at + 76] for at in range(0, len(text), 76))
    teal = Image.new("RGB", SIZE, "teal")
    for name, block in _blocks(picture, text):
        yield f"JPEG, {name}", encoded(teal, "JPEG", exif=block)
    block = exif(lambda place: b"note:" + picture, inner=[(0x9286, 7, b"ASCII\0\0\0" + picture)])
    for form in ("PNG", "WEBP", "AVIF"):
        yield f"EXIF of {form}", encoded(teal, form, exif=block)
    yield "EXIF of a PNG as text", png(raw_profile(b"exif", block))
    thumbnails = b"<xmp:Thumbnails><rdf:Alt><rdf:li xmpGImg:width='40'><xmpGImg:image>" + lines
    thumbnails += b"</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
    for name, packet in {
        "thumbnails": xmp(elements=thumbnails),
        "an image": xmp(attributes=b' GImage:Data="' + text + b'"'),
        "an unknown element": xmp(elements=b"<q:a>\n" + text + b"\n</q:a>"),
        "an unknown attribute": xmp(attributes=b" q:a='" + lines + b"'"),
        "literal text": xmp(elements=b"<q:a><![CDATA[" + text + b"]]></q:a>"),
        "a comment": xmp(elements=b"<!--" + text + b"-->"),
        "hexadecimals": xmp(elements=b"<q:a>" + picture.hex().encode() + b"</q:a>"),
        "damage": b"<x:xmpmeta><q:a>" + text,
        "UTF-16": xmp(elements=thumbnails).decode().encode("utf-16"),
    }.items():
        yield f"XMP, {name}", encoded(teal, "WEBP", xmp=packet)
        if name != "UTF-16":
            yield f"XMP of a PNG, {name}", png(raw_profile(b"xmp", packet))
    yield (
        "photoshop",
        jpeg(segment(0xED, b"Photoshop 3.0\0" + resources((1036, bytes(28) + picture)))),
    )
    caption = b"\x1c\x02\x78\0\x02Hi\x1c\x02\xca" + struct.pack(">H", len(picture)) + picture
    yield "IPTC", jpeg(segment(0xED, b"Photoshop 3.0\0" + resources((0x0404, caption))))
    yield "FlashPix", jpeg(segment(0xE2, b"FPXR\0\0" + picture))
    yield "JFXX", jpeg(segment(0xE0, b"JFXX\0\x10" + picture))
    yield "a comment", jpeg(segment(0xFE, picture))
    yield "the end of a file", jpeg(after=picture)
    yield "chunks", png((b"tEXt", b"Thumbnail\0" + text), (b"prVw", picture))
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Thumbnail", text.decode(), zip=True)
    yield "compressed text", encoded(teal, "PNG", pnginfo=info)
    for tag in (0x8649, 0x935C, 0x02BC, 0xC74E, 0x83BB):
        yield f"TIFF, tag {tag:X}", encoded(teal, "TIFF", tiffinfo={tag: picture})
    yield "TIFF, EXIF", encoded(teal, "TIFF", exif=block)


def _blocks(picture: bytes, text: bytes) -> Iterator[tuple[str, bytes]]:
    spot = [(0x0201, 4, struct.pack("<I", 0)), (0x0202, 4, struct.pack("<I", len(picture)))]
    yield "a thumbnail", exif(second=[*spot, (0x0111, 7, picture)])
    yield "after the block", exif(after=picture)
    yield "an opaque note", exif(lambda place: b"note:" + picture + b":note")
    yield "text in a note", exif(lambda place: b"<note>" + text + b"</note>")
    yield (
        "text of 16 bits",
        exif(inner=[(0x9286, 7, b"UNICODE\0" + text.decode().encode("utf-16"))]),
    )
    yield "a description", exif(main=[(0x010E, 2, text + b"\0")])
    yield "a private tag", exif(main=[(0xFEDC, 7, picture)], inner=[(0xFEDD, 1, picture)])
    yield "a byte too early", exif(inner=[(0x9286, 7, picture)], main=[(0x9C9C, 1, b"x" + picture)])
    for maker in MAKERS:
        for pointed in (False, True):
            made, order = note(maker, picture, pointed=pointed)
            yield f"a note of {maker}{', pointed to' * pointed}", exif(made, order)
