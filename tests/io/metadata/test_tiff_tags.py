"""The tags of a TIFF that describe the photograph."""

from __future__ import annotations

import io
import struct
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from defocus.io import orient
from defocus.io.metadata import exif_block
from defocus.io.metadata.exif_block import EXIF, GPS, Block, Directory, Entry

TEXTS = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
FRACTIONS = (0x011A, 0x011B)
NUMBERS = (0x0128, 0x4746, 0x4749)
OF_WINDOWS = (0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F)


@pytest.fixture
def block() -> Block:
    """The EXIF that survives of a TIFF with all of these tags, and a private one."""
    entries = {tag: Entry(2, 7, b"a text\0") for tag in (*TEXTS, 0xFD00)}
    entries |= {tag: Entry(5, 1, struct.pack("<II", 7, 2)) for tag in FRACTIONS}
    entries |= {tag: Entry(3, 1, b"\2\0") for tag in NUMBERS}
    entries |= {tag: Entry(1, 2, b"w\0") for tag in OF_WINDOWS}
    entries[0x0112] = Entry(3, 1, b"\1\0")
    children = {
        EXIF: Directory({0x9003: Entry(2, 20, b"2024:02:29 12:00:00\0")}),
        GPS: Directory({1: Entry(2, 2, b"N\0")}),
    }
    data = exif_block.write(Block(main=Directory(entries, children)))
    file = io.BytesIO()
    image = Image.new("RGB", (7, 5), "teal")
    image.save(file, "TIFF", exif=exif_block.PREFIX + data)
    found = exif_block.read(orient.metadata(Image.open(file), "RGB").info["exif"])
    assert found is not None
    return found


def test_tags_that_describe_stay(block: Block) -> None:
    assert set(block.main.entries) >= {0x0112, *TEXTS, *FRACTIONS, *NUMBERS, *OF_WINDOWS}
    assert 0xFD00 not in block.main.entries


def test_directories_stay(block: Block) -> None:
    assert block.main.children[EXIF].entries[0x9003].data == b"2024:02:29 12:00:00\0"
    assert block.main.children[GPS].entries[1].data == b"N\0"


def test_pillow_turns_a_tiff_itself() -> None:
    data = exif_block.write(Block(main=Directory({0x0112: Entry(3, 1, b"\6\0")})))
    file = io.BytesIO()
    Image.new("RGB", (7, 5), "teal").save(file, "TIFF", exif=exif_block.PREFIX + data)
    image = Image.open(file)
    assert image.getexif()[0x0112] == 6
    assert orient.metadata(image, "RGB").orientation == 1
    info = {"exif": data}
    for form, want in (("TIFF", 1), ("JPEG", 6)):
        assert orient.orientation(cast(Any, SimpleNamespace(format=form, info=info))) == want


def test_a_tag_that_pillow_cannot_write_is_left_out() -> None:
    source = {0x010E: object(), 0x010F: "Me", 0x0131: object(), 0x013B: "I"}
    image: Any = SimpleNamespace(format="TIFF", info={}, getexif=lambda: source)
    found = exif_block.read(orient.metadata(image, "RGB").info["exif"])
    assert found is not None
    assert set(found.main.entries) == {0x010F, 0x013B}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_pixels_are_turned_as_pillow_turns_images(
    orientation: int, dtype: type, channels: tuple[int, ...]
) -> None:
    index = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    places = np.asarray(orient.turn(Image.fromarray(index), orientation))
    pixels: Any = np.random.default_rng(3).integers(0, 256, (5, 7, *channels)).astype(dtype)
    want = pixels.reshape(35, *channels)[places]
    got = orient.turned_pixels(pixels, orientation)
    assert got.flags.c_contiguous
    assert got.dtype == dtype
    assert np.array_equal(got, want)
    assert orient.turned((7, 5), orientation) == got.shape[1::-1]
