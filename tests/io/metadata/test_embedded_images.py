"""Pictures inside other data are found, whatever they are packed in, and nothing else is."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest

from defocus.io.metadata import embedded_images
from hiding_places import JPEG, PICTURES, SECRET, encoded


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_found(kind: str) -> None:
    picture = PICTURES[kind]
    text = base64.b64encode(picture)
    lines = b"\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    for data in (
        picture,
        b"before" + picture + b"after",
        text,
        lines,
        lines.replace(b"\n", b"&#xA;"),
        text.translate(bytes.maketrans(b"+/", b"-_")).rstrip(b"="),
        b"data:image/png;base64," + text,
        b"some words " + text,
        base64.b64encode(b"1" + picture),
        picture.hex().encode(),
        picture.hex().upper().encode("utf-16"),
        text.decode().encode("utf-16-be"),
    ):
        assert embedded_images.holds_picture(data), data[:40]


@pytest.mark.parametrize("form", ["JPEG2000", "AVIF", "PPM"])
def test_pictures_of_other_formats(form: str) -> None:
    if form != "PPM":  # which is too plain to be distinguished from text
        assert embedded_images.holds_picture(b"::" + encoded(SECRET, form))


def test_parts_of_a_jpeg_are_found() -> None:
    for mark in (b"\xff\xdb", b"\xff\xc0", b"\xff\xda"):
        assert embedded_images.holds_picture(JPEG[JPEG.index(mark) :])


def test_where_pictures_begin_and_end() -> None:
    for kind in ("JPEG", "progressive", "PNG"):
        picture = PICTURES[kind]
        data = b"before" + picture + b"after"
        assert list(embedded_images.pictures(data)) == [(6, 6 + len(picture))]
        assert embedded_images.blanked(data) == b"before" + bytes(len(picture)) + b"after"
    two = JPEG + b"--" + PICTURES["PNG"]
    assert len(list(embedded_images.pictures(two))) == 2


def test_other_data_is_no_picture() -> None:
    rng = np.random.default_rng(1)
    for seed in range(20):
        assert not embedded_images.holds_picture(rng.integers(0, 256, 3000, np.uint8).tobytes()), (
            seed
        )
    words = b"this is a long description of a photograph taken by somebody in some place " * 20
    for data in (
        b"",
        b"\xff",
        b"\xff\xd8",
        bytes(5000),
        b"\xff" * 5000,
        words,
        words.hex().encode(),
    ):
        assert not embedded_images.holds_picture(data)
    assert not embedded_images.holds_picture(base64.b64encode(rng.bytes(5000)))
    assert not embedded_images.holds_picture(b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x04\0\0\0Me!\0")


@pytest.mark.parametrize(
    "part",
    [b"\xff\xd8\xff\xe0\0\x02", b"x\xd8\xff\xe0\0\x02", b"A", b"\xff\xdb\0C\0", b"&#xA;", b"RIFF",
     b"II*\0\x08\0\0\0", b"\x89PNG\r\n\x1a\n", b"BM", b" "],
)  # fmt: skip
def test_much_of_the_same_takes_no_time(part: bytes) -> None:
    embedded_images.holds_picture(part * (300_000 // len(part)))


def table(tag: int, before: int = 0) -> bytes:
    """A TIFF with some entries without meaning, and then one with this tag."""
    entries = [struct.pack("<HHII", 0xC000 + number, 4, 1, 9) for number in range(before)]
    entries.append(struct.pack("<HHII", tag, 4, 1, 9))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


def test_a_tiff_with_pixels_states_where_they_are() -> None:
    tags = (0x0111, 0x0144, 0x0201)
    for tag in tags:
        assert embedded_images.holds_picture(table(tag))
        assert not embedded_images.holds_picture(table(tag - 1))
        assert not embedded_images.holds_picture(table(tag + 1))
    assert embedded_images.holds_picture(table(0x0111, before=99))
    assert not embedded_images.holds_picture(table(0x0111, before=100))


SEGMENTS = [
    b"\xff\xdb\x00\x43" + bytes(65),
    b"\xff\xc0\x00\x11\x08" + bytes(14),
    b"\xff\xc1\x00\x11\x08" + bytes(14),
    b"\xff\xc2\x00\x11\x08" + bytes(14),
    b"\xff\xda\x00\x0c\x03" + bytes(9),
]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_each_segment_of_a_jpeg_is_found_by_itself(segment: bytes) -> None:
    assert list(embedded_images.pictures(b"before" + segment)) == [(6, 6 + len(segment))]
    whole = b"\xff\xd8" + b"".join(SEGMENTS)
    assert list(embedded_images.pictures(whole)) == [(0, len(whole))]


def test_text_of_16_bits_has_a_zero_beside_each_letter() -> None:
    text = base64.b64encode(JPEG)
    text = text[: len(text) // 2 * 2]
    spread = b"".join(text[at : at + 2] + b"\0" for at in range(0, len(text), 2))
    assert not embedded_images.holds_picture(spread)
    assert embedded_images.holds_picture(spread + b"\0" * 3)


def test_pictures_that_overlap_are_one() -> None:
    data = b"GIF89a" + b"8BPS\0\1" + bytes(9)
    assert list(embedded_images.pictures(data)) == [(0, len(data))]
    data = b"ftyp jP   JXL  RIFF 8BPS \xffO\xffQ II\xbc BM GIF89a"
    assert list(embedded_images.pictures(data)) == [(len(data) - 6, len(data))]


def segment_of(kind: int, size: int) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, size + 2) + bytes(size)


APP = segment_of(0xE0, 4)


@pytest.mark.parametrize(
    ("rest", "is_jpeg"),
    [
        (b"", False),
        (segment_of(0xE1, 4), True),
        (b"\xff\xe1\x00\x02", True),
        (b"\xff\xe1\x00\x01", False),
        (segment_of(0x10, 4), False),
        (b"zzzz", False),
    ],
)
def test_two_segments_make_a_jpeg_whose_first_byte_was_replaced(rest: bytes, is_jpeg: bool) -> None:
    for first in (APP, segment_of(0xE0, 300)):
        data = b"x\xd8" + first + rest
        assert embedded_images._jpeg_end(data, 0) == (len(data) if is_jpeg else None)
        data = b"\xff" + data[1:]
        assert embedded_images._jpeg_end(data, 0) == len(data)


def test_a_jpeg_ends_after_its_scan() -> None:
    start = b"\xff\xd8" + APP + b"\xff" + segment_of(0xDA, 4)
    whole = start + b"scan\xff\xd9"
    assert embedded_images._jpeg_end(whole + b"after", 0) == len(whole)
    assert embedded_images._jpeg_end(start + b"scan", 0) == len(start) + 4


def test_pictures_that_are_cut_short() -> None:
    png = PICTURES["PNG"]
    for part in (png[:8], png[:-12]):
        data = b"before" + part
        assert list(embedded_images.pictures(data)) == [(6, len(data))]
    assert not embedded_images.holds_picture(b"II*\0\x08\0")


def test_a_picture_at_the_end_of_a_text() -> None:
    data = bytes(40) + b"\xff\xd8\xff\xe0" + bytes(4)
    assert embedded_images.holds_picture(base64.b64encode(data))
    assert embedded_images.holds_picture(data.hex().encode())


def test_bytes_before_a_marker_of_jpeg_are_read_once() -> None:
    def jpeg(fill: int) -> bytes:
        return b".\xd8\xff\xe0\0\4ab" + b"\xff" * fill + b"\xe1\0\4cd\0"

    assert embedded_images.holds_picture(jpeg(1))
    assert embedded_images.holds_picture(jpeg(4096))
    assert not embedded_images.holds_picture(jpeg(4097))
    # Many starts, each with a segment that ends where the fill bytes begin.
    starts, fill = 10_000, 1 << 20
    begins = b"".join(
        b".\xd8\xff\xe0" + (6 * (starts - n) - 4).to_bytes(2, "big") for n in range(starts)
    )
    assert not embedded_images.holds_picture(begins + b"\xff" * fill + b"\0")


def test_directories_behind_a_hundred_headers_of_tiff_are_read() -> None:
    header = b"II*\0" + bytes((4, 0, 0, 0))  # its directory has no entries
    assert not embedded_images.holds_picture(header * 100)
    assert embedded_images.holds_picture(header * 101)
