"""PNG in bands: pixels, metadata, and a stream that zlib accepts."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import defocus
from defocus import _native, threads
from defocus.io.codecs import png
from defocus.io.codecs.png_chunks import chunks, content

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "astronaut.jpg"


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    image = Image.open(EXAMPLE).resize((width, height))
    if "A" in mode:
        image.putalpha(image.convert("L").rotate(180))
    return image.convert(mode)


@pytest.fixture
def short_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many bands from small pictures."""
    monkeypatch.setattr(png, "_BAND", 1 << 10)
    monkeypatch.setattr(png, "_SMALL", 1)


def read(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.usefixtures("short_bands")
@pytest.mark.parametrize("size", [(64, 100), (61, 97), (1, 3000), (3000, 1), (1500, 3), (32, 32)])
@pytest.mark.parametrize("mode", png.MODES)
def test_pixels_survive(size: tuple[int, int], mode: str) -> None:
    image = picture(*size, mode)
    data = png.encode(image, {}, 3)
    got = read(data)
    assert got.mode == mode
    assert got.size == size
    assert got.tobytes() == image.tobytes()
    assert data == png.encode(image, {}, 1)


@pytest.mark.usefixtures("short_bands")
@pytest.mark.parametrize("mode", png.MODES)
def test_samples_at_hand_give_the_same_file(mode: str) -> None:
    image = picture(61, 97, mode)
    data = png.encode(image, {}, 1)
    wide = np.zeros((97, 61, 6), np.uint8)
    bands = len(image.getbands())
    wide[..., :bands] = np.asarray(image).reshape(97, 61, bands)
    stand_in = Image.new(mode, (1, 1))
    assert png.takes(wide, small=False)
    for samples in (wide[..., :bands], np.ascontiguousarray(wide[..., :bands])):
        for count in (1, 3):
            assert png.encode(stand_in, {}, count, samples) == data


def test_what_needs_a_picture() -> None:
    for side, small, dtype, taken in (
        (64, False, np.uint8, True),
        (63, False, np.uint8, False),
        (64, True, np.uint8, False),
        (1, True, np.uint16, True),
    ):
        assert png.takes(np.zeros((side, side, 3), dtype), small=small) is taken


@pytest.mark.usefixtures("short_bands")
def test_samples_of_any_alignment() -> None:
    memory = np.zeros(1 + 50 * 40 * 6, np.uint8)
    samples = memory[1:].view(np.uint16).reshape(50, 40, 3)
    samples[...] = np.arange(6000).reshape(50, 40, 3) * 11
    stand_in = Image.new("RGB", (1, 1))
    assert png.encode(stand_in, {}, 2, samples) == png.encode(stand_in, {}, 1, samples.copy())


@pytest.mark.usefixtures("short_bands")
def test_the_stream_is_whole() -> None:
    image = picture(90, 70, "RGBA")
    file = io.BytesIO(png.encode(image, {}, 2))
    found = [(chunk.name, content(file, chunk)) for chunk in chunks(file)]
    stream = b"".join(data for name, data in found if name == b"IDAT")
    decoder = zlib.decompressobj()  # checks the Adler-32
    rows = np.frombuffer(decoder.decompress(stream), np.uint8).reshape(70, 361)
    assert decoder.eof
    assert not decoder.unused_data
    assert set(rows[:, 0]) == {1, 2}
    samples = _native.unfilter_png(rows, np.zeros(360, np.uint8), 4)
    assert (samples.reshape(70, 90, 4) == np.asarray(image)).all()
    assert [name for name, _ in found][-1] == b"IEND"


def test_checksums_of_pieces_combine() -> None:
    data = np.random.default_rng(3).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
    for place in (0, 1, 65521, 100_000, 299_999, 300_000):
        first, second = zlib.adler32(data[:place]), zlib.adler32(data[place:])
        assert png._combined(first, second, len(data) - place) == zlib.adler32(data)


@pytest.mark.usefixtures("short_bands")
def test_checksums_of_chunks() -> None:
    data, place = png.encode(picture(64, 64), {}, 2), 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length) == (zlib.crc32(body),)
        place += 12 + length
    assert place == len(data)


@pytest.mark.usefixtures("short_bands")
def test_what_belongs_to_the_photograph_is_there() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x/>")
    more = {"exif": exif.tobytes(), "icc_profile": b"x" * 5000, "dpi": (300, 300), "pnginfo": info}
    image = picture(80, 60)
    image.info["transparency"] = (1, 2, 3)
    got = read(png.encode(image, more, 2))
    assert got.getexif()[0x010F] == "a camera"
    assert got.info["icc_profile"] == more["icc_profile"]
    assert got.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert got.info["transparency"] == (1, 2, 3)
    assert got.info["XML:com.adobe.xmp"] == "<x/>"


def test_small_pictures_are_pillows() -> None:
    image, file = picture(60, 60), io.BytesIO()
    image.save(file, "PNG", compress_level=png._LEVEL)
    assert png.encode(image, {}, 2) == file.getvalue()


def test_as_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "available_threads", lambda: 3)
    image, usual = picture(1501, 999, "RGBA"), io.BytesIO()
    image.save(usual, "PNG", compress_level=3)
    files: list[Any] = [io.BytesIO(), io.BytesIO()]
    for file, count in zip(files, (None, 1), strict=True):
        defocus.save(image, file, format="png", threads=count)
    assert files[0].getvalue() == files[1].getvalue()
    assert read(files[0].getvalue()).tobytes() == image.tobytes()
    assert len(files[0].getvalue()) < 1.2 * len(usual.getvalue())
