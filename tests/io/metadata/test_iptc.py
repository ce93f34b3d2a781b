"""IPTC: datasets that hold no picture, in the resources of JPEG, PNG and TIFF."""

from __future__ import annotations

import struct

import pytest

from defocus.io.metadata import iptc
from hiding_places import JPEG, resources, segment


def dataset(record: int, number: int, data: bytes) -> bytes:
    size = struct.pack(">H", len(data)) if len(data) < 0x8000 else b"\x80\x04"
    size += struct.pack(">I", len(data)) if len(data) >= 0x8000 else b""
    return bytes((0x1C, record, number)) + size + data


TITLE = dataset(1, 90, b"\x1b%G") + dataset(2, 5, b"a title") + dataset(2, 25, b"keyword")


def test_previews_go_and_captions_stay() -> None:
    shown = [dataset(2, 200, b"\0\x0b"), dataset(2, 202, JPEG), dataset(2, 120, b"x" + JPEG)]
    shown.append(dataset(8, 10, b"the picture itself"))
    for part in shown:
        assert iptc.keep(TITLE + part + TITLE) == TITLE + TITLE
    long = dataset(2, 120, b"c" * 40000)
    assert iptc.keep(long + TITLE) == long + TITLE


def test_the_first_that_cannot_be_read_ends_it() -> None:
    for rest in (b"", bytes(3), b"\x1c", b"\x1c\x02\x05\xff\xff", b"\x1c\x02\x05\x80\xff" * 3):
        assert iptc.keep(TITLE + rest) == TITLE
    assert iptc.keep(b"no datasets") == b""


@pytest.mark.parametrize("length", [0, 1, 70000, 200000])
def test_segments_there_and_back(length: int) -> None:
    data = TITLE + dataset(2, 120, b"c" * length)
    stored = iptc.segments(data)
    held, place = [], 0
    while place < len(stored):
        size = int.from_bytes(stored[place + 2 : place + 4], "big")
        assert stored[place : place + 2] == b"\xff\xed"
        held.append(stored[place + 4 : place + 2 + size])
        place += 2 + size
    assert iptc.of_jpeg(held) == data


def test_among_other_resources() -> None:
    series = resources((1036, b"odd"), (0x0404, TITLE), (1005, bytes(16)))
    assert iptc.of_resources(series) == TITLE
    assert iptc.of_resources(series[:20]) == b""
    assert iptc.of_resources(b"8BIM\x04\x04") == b""
    named = b"8BIM\x04\x04\x04name\0" + struct.pack(">I", len(TITLE)) + TITLE
    assert iptc.of_resources(named) == TITLE
    cut = segment(0xED, series)
    assert iptc.of_jpeg([cut]) == b""


def test_the_text_of_a_png() -> None:
    name, length, *digits = iptc.png_text(TITLE).split()
    assert name == "iptc"
    data = bytes.fromhex("".join(digits))
    assert len(data) == int(length)
    assert iptc.of_resources(data) == TITLE


def test_65536_datasets_are_read() -> None:
    dataset = b"\x1c\2\x78\0\0"
    assert iptc.keep(dataset * 65_536) == dataset * 65_536
    assert iptc.keep(dataset * 65_537) == dataset * 65_536
