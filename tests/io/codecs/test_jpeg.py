"""JPEG in bands: for every reader the file that one encoder writes."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from company import in_company
from defocus import threads
from defocus.io.codecs import jpeg

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "astronaut.jpg"
COLOUR: dict[str, Any] = {"quality": 95, "subsampling": 0}
GREY: dict[str, Any] = {"quality": 95}


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.open(EXAMPLE).resize((width, height)).convert(mode)


def whole(image: Image.Image, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **settings)
    return file.getvalue()


def same(data: bytes, other: bytes) -> bool:
    first, second = (np.asarray(Image.open(io.BytesIO(each))) for each in (data, other))
    return first.shape == second.shape and bool((first == second).all())


@pytest.fixture
def short_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many bands from small pictures."""
    monkeypatch.setattr(jpeg, "_BAND", 1 << 10)


@pytest.mark.usefixtures("short_bands")
@pytest.mark.parametrize("size", [(64, 400), (61, 397), (8, 300), (1, 2100), (500, 89), (129, 33)])
@pytest.mark.parametrize(("mode", "settings"), [("RGB", COLOUR), ("L", GREY)])
def test_pixels_are_those_of_one_encoder(
    size: tuple[int, int], mode: str, settings: dict[str, Any]
) -> None:
    image = picture(*size, mode)
    assert jpeg.bands_of(*size)
    data = jpeg.encode(image, settings, 3)
    assert data.count(b"\xff\xd8") == data.count(b"\xff\xd9") == 1
    assert same(data, whole(image, **settings))
    assert data == jpeg.encode(image, settings, 1)


def test_cut_as_in_use() -> None:
    image = picture(1999, 1501)
    data = jpeg.encode(image, COLOUR, 2)
    assert data.count(b"\xff\xdd\x00\x04") == 1
    assert same(data, whole(image, **COLOUR))
    assert len(data) < 1.001 * len(whole(image, **COLOUR))


def test_small_pictures_are_not_cut() -> None:
    image = picture(500, 400)
    assert jpeg.encode(image, COLOUR, 2) == whole(image, **COLOUR)


@pytest.mark.parametrize(
    ("width", "height"), [(65500, 100), (65500, 65500), (1, 65500), (524288, 9)]
)
def test_intervals_fit_their_field(width: int, height: int) -> None:
    rows = jpeg.bands_of(width, height)
    assert rows % 8 == 0
    assert rows // 8 * -(-width // 8) <= 65535 or not rows


@pytest.mark.usefixtures("short_bands")
def test_what_belongs_to_the_photograph_is_there_once() -> None:
    image = picture(80, 300)
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    more = {"exif": exif, "icc_profile": b"x" * 70_000, "dpi": (300, 300), "xmp": b"<x/>"}
    data = jpeg.encode(image, {**COLOUR, **more}, 2)
    assert same(data, whole(image, **COLOUR))
    read = Image.open(io.BytesIO(data))
    assert read.getexif()[0x010F] == "a camera"
    assert read.info["icc_profile"] == more["icc_profile"]
    assert read.info["dpi"] == (300, 300)
    assert data.count(b"a camera") == 1


@pytest.mark.usefixtures("short_bands")
def test_save_takes_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    image, files = picture(80, 300), [io.BytesIO() for _ in range(3)]
    before = threading.active_count()
    in_company(monkeypatch, jpeg)
    for file, count in zip(files, (None, 1, 3), strict=True):
        monkeypatch.setattr(threads, "available_threads", lambda: 4)
        defocus.save(image, file, format="jpeg", threads=count)
    assert files[0].getvalue() == files[1].getvalue() == files[2].getvalue()
    assert threading.active_count() == before
    with pytest.raises(defocus.OptionError, match="threads=0"):
        defocus.save(image, io.BytesIO(), format="jpeg", threads=0)


@pytest.mark.usefixtures("short_bands")
def test_without_files_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no file today")

    image = picture(80, 300)
    want = jpeg.encode(image, COLOUR, 2)
    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    assert jpeg.encode(image, COLOUR, 2) == want
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert jpeg.encode(image, COLOUR, 2) == want


@pytest.mark.usefixtures("short_bands")
def test_where_no_thread_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    image = picture(80, 300)
    want = jpeg.encode(image, COLOUR, 2)
    monkeypatch.setattr(threading.Thread, "start", fail)
    assert jpeg.encode(image, COLOUR, 2) == want
