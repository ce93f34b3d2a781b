"""Pictures inside other data are found, whatever they are packed in, and nothing else is."""

from __future__ import annotations

import base64

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
