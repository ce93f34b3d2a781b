"""What a file may ask for at most: docs/trust.md has the same values."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from defocus.errors import DecodeError, ImageTooLargeError, UnknownFormatError
from defocus.io import decode, page_count
from defocus.io.codecs import boxes, png_reader
from defocus.io.codecs.png_chunks import packed
from defocus.io.extensions import READ
from defocus.io.metadata import exif_block
from defocus.io.metadata.xmp_tree import parse

ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 1 << 20
Image.init()


def encoded(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, form)
    return file.getvalue()


def with_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with more chunks before its pixels."""
    plain = encoded("PNG")
    at = plain.index(b"IDAT") - 4
    return plain[:at] + b"".join(packed(name, held) for name, held in chunks) + plain[at:]


def text(number: int, size: int) -> tuple[bytes, bytes]:
    return b"zTXt", b"key%d\0\0" % number + zlib.compress(b"a" * size)


def profile(size: int) -> tuple[bytes, bytes]:
    return b"iCCP", b"name\0\0" + zlib.compress(bytes(size))


def packet(size: int) -> tuple[bytes, bytes]:
    return b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"a" * size)


class Unlisted(Exception):  # noqa: N818
    """A format of Pillow that defocus does not list has got the bytes of a file."""


def test_no_other_format_of_pillow_gets_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise Unlisted

    others = set(Image.OPEN) - set(READ)
    assert {"EPS", "PSD", "JPEG2000"} <= others
    samples = [encoded(form) for form in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM")]
    unlisted = [encoded(form) for form in ("EPS", "TGA", "ICO", "PCX", "SGI", "DDS")]
    for name in others:
        monkeypatch.setitem(Image.OPEN, name, (refuse, refuse))
    for data in samples:
        assert decode.read(data).size == (8, 8)
    for data in (*unlisted, b"8BPS\0\1" + bytes(60), b"%!PS-Adobe-3.0 EPSF-3.0\n"):
        with pytest.raises(UnknownFormatError):
            decode.read(data)


def test_the_floor_of_pillow_is_in_the_project_and_the_docs() -> None:
    needed = re.search(r'"pillow>=([\d.]+)', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert needed
    assert f"Pillow {needed[1]}" in (ROOT / "docs" / "trust.md").read_text("utf-8")
    assert int(needed[1].split(".")[0]) >= 13


@pytest.mark.parametrize("chunk", [profile, packet, lambda size: text(0, size)])
def test_a_compressed_chunk_of_a_png_has_a_mebibyte(chunk: Any) -> None:
    assert decode.read(with_chunks(chunk(MEBIBYTE))).size == (8, 8)
    with pytest.raises(DecodeError):
        decode.read(with_chunks(chunk(MEBIBYTE + 1)))


def test_all_texts_of_a_png_have_64_mebibytes() -> None:
    most = [text(number, MEBIBYTE) for number in range(64)]
    with pytest.raises(DecodeError):
        decode.read(with_chunks(*most, text(64, MEBIBYTE)))
    assert decode.read(with_chunks(*most[:-1])).size == (8, 8)


def test_xmp_is_read_to_a_depth_of_99() -> None:
    assert parse(b"<a>" * 99 + b"</a>" * 99)
    assert parse(b"<a>" * 100 + b"</a>" * 100) is None
    assert parse(b"<a>" * 100_000) is None


def test_xmp_has_65536_elements_and_attributes() -> None:
    assert parse(b"<a>" + b"<b/>" * 65_535 + b"</a>")
    assert parse(b"<a>" + b"<b/>" * 65_536 + b"</a>") is None
    assert parse(b"<a" + b' b=""' * 65_535 + b"/>")
    assert parse(b"<a" + b' b=""' * 65_536 + b"/>") is None


def test_values_of_exif_have_twice_its_bytes() -> None:
    def block(values: int, size: int) -> bytes:
        """Values that all lie at one place."""
        rows = b"".join(
            struct.pack("<HHII", 0x9C9B + number, 1, size, 8) for number in range(values)
        )
        table = struct.pack("<H", values) + rows + bytes(4)
        return b"II*\0" + struct.pack("<I", 8 + size) + bytes(size) + table

    assert exif_block.read(block(1, 1000))
    assert exif_block.read(block(2, 1000))
    assert exif_block.read(block(3, 1000)) is None


def test_directories_of_exif_have_4096_entries_together() -> None:
    def block(entries: int) -> bytes:
        rows = b"".join(struct.pack("<HHII", 0x9C9B, 3, 1, 7) for _ in range(entries - 1))
        # The first entry leads to the directory itself.
        first = struct.pack("<HHII", exif_block.EXIF, 4, 1, 8)
        return b"II*\0" + struct.pack("<IH", 8, entries) + first + rows

    assert exif_block.read(block(2048))
    assert exif_block.read(block(2049)) is None


def test_directories_that_lead_to_each_other_are_not_read_without_end() -> None:
    # By the entries of each directory: 2000 x 2000 x 4000 directories without values.
    tags = (exif_block.EXIF, exif_block.INTEROP) * 2000
    rows = b"".join(struct.pack("<HHII", tag, 0, 1, 8) for tag in tags)
    assert exif_block.read(b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows) is None


def test_directories_of_exif_lie_three_deep() -> None:
    # Each directory leads to itself by every tag that leads to a directory.
    tags = (exif_block.EXIF, exif_block.GPS, exif_block.INTEROP)
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, 8) for tag in sorted(tags))
    mark = struct.pack("<HHII", 0xFFF0, 3, 1, 7)
    found = exif_block.read(b"II*\0" + struct.pack("<IH", 8, 4) + rows + mark + bytes(4))
    assert found is not None
    assert len(list(found.directories())) == 4  # the first, EXIF, GPS and interoperability
    assert found.main.children[exif_block.EXIF].children.keys() == {exif_block.INTEROP}


def test_pixels_have_twice_the_limit_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 32)
    assert decode.read(encoded("PNG")).size == (8, 8)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 31)
    with pytest.raises(ImageTooLargeError):
        decode.read(encoded("PNG"))
    assert decode.read(encoded("PNG"), max_pixels=64).size == (8, 8)


def test_each_frame_is_checked_and_read_by_itself() -> None:
    small, large = Image.new("L", (4, 4)), Image.new("L", (40, 40))
    file = io.BytesIO()
    small.save(file, "TIFF", save_all=True, append_images=[large, small])
    pages = decode.frames(file.getvalue(), max_pixels=100)
    assert next(pages).size == (4, 4)
    with pytest.raises(ImageTooLargeError):
        next(pages)


@pytest.mark.parametrize("form", ["GIF", "PNG", "TIFF", "WEBP"])
def test_frames(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    file = io.BytesIO()
    pages = [Image.new("RGB", (8, 8), (90 * number, 9, 9)) for number in range(3)]
    pages[0].save(file, form, save_all=True, append_images=pages[1:])
    monkeypatch.setattr(page_count, "MOST_FRAMES", 3)
    assert len(list(decode.frames(file.getvalue()))) == decode.count_frames(file.getvalue()) == 3
    monkeypatch.setattr(page_count, "MOST_FRAMES", 2)
    with pytest.raises(DecodeError, match="3 frames"):
        next(decode.frames(file.getvalue()))
    with pytest.raises(DecodeError, match="3 frames"):
        decode.count_frames(file.getvalue())
    assert decode.read(file.getvalue()).frames == 3  # the first one can be read


@pytest.mark.parametrize("big", [False, True])
def test_pages_beyond_the_limit_are_not_counted(monkeypatch: pytest.MonkeyPatch, big: bool) -> None:
    file = io.BytesIO()
    page = Image.new("L", (2, 2))
    page.save(file, "TIFF", save_all=True, append_images=[page] * 9, big_tiff=big)
    monkeypatch.setattr(page_count, "MOST_FRAMES", 9)
    assert decode.read(file.getvalue()).frames == 10
    monkeypatch.setattr(page_count, "MOST_FRAMES", 4)
    monkeypatch.delattr(TiffImagePlugin.TiffImageFile, "n_frames")  # Pillow's count takes long
    assert decode.read(file.getvalue()).frames == 5
    with pytest.raises(DecodeError, match="5 frames"):
        decode.count_frames(file.getvalue())


def test_a_tiff_whose_last_page_leads_to_its_first() -> None:
    file = io.BytesIO()
    page = Image.new("L", (2, 2))
    page.save(file, "TIFF", save_all=True, append_images=[page])
    data = bytearray(file.getvalue())
    place = struct.unpack_from("<I", data, 4)[0]
    for _ in range(2):
        first = place
        (entries,) = struct.unpack_from("<H", data, first)
        link = first + 2 + 12 * entries
        (place,) = struct.unpack_from("<I", data, link)
    assert place == 0
    data[link : link + 4] = data[4:8]
    assert decode.read(bytes(data)).frames == decode.count_frames(bytes(data)) == 2


def test_the_stated_number_of_frames() -> None:
    text = (ROOT / "docs" / "trust.md").read_text("utf-8")
    (stated,) = re.findall(r"^\| frames or pages \| ([\d,]+)", text, re.MULTILINE)
    assert int(stated.replace(",", "")) == page_count.MOST_FRAMES


def test_a_png_of_16_bits_has_262144_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert png_reader._MOST_CHUNKS == 262_144
    file = io.BytesIO()
    Image.new("I;16", (2, 2), 300).save(file, "PNG")
    data = file.getvalue()
    at = data.index(b"IDAT") - 4
    monkeypatch.setattr(png_reader, "_MOST_CHUNKS", 9)

    def crowded(more: int) -> bytes:
        return data[:at] + packed(b"abCd", b"") * more + data[at:]

    assert decode.read(crowded(6)).size == (2, 2)
    with pytest.raises(DecodeError):
        decode.read(crowded(7))


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def test_4096_boxes_of_a_level_are_read_for_the_colour() -> None:
    colour = box(b"colr", b"nclx" + struct.pack(">HHHB", 9, 16, 9, 0))
    inner = bytes(8) + box(b"hvc1", bytes(78) + colour)
    for name in (b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        inner = box(name, inner)
    assert boxes.colour_numbers(io.BytesIO(box(b"free", b"") * 4095 + inner)) == (9, 16)
    assert boxes.colour_numbers(io.BytesIO(box(b"free", b"") * 4096 + inner)) is None


def test_a_mebibyte_of_a_box_is_read_for_the_colour() -> None:
    colour = box(b"colr", b"nclx" + struct.pack(">HHHB", 9, 16, 9, 0))
    first = box(b"pitm", bytes(4) + struct.pack(">H", 1))

    def file(size: int) -> io.BytesIO:
        """The item of the image ends `size` bytes behind the start of the list of items."""
        others = (size - 12) // 3
        rows = struct.pack(">HB", 2, 0) * others + struct.pack(">HBB", 1, 1, 1)
        links = box(b"ipma", bytes(4) + struct.pack(">I", others + 1) + rows)
        properties = box(b"iprp", box(b"ipco", colour) + links)
        return io.BytesIO(box(b"meta", bytes(4) + first + properties))

    most = MEBIBYTE - (MEBIBYTE - 12) % 3
    assert boxes.colour_numbers(file(most)) == (9, 16)
    assert boxes.colour_numbers(file(most + 3)) is None
