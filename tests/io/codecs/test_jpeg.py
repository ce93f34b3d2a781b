"""JPEG files are those of Pillow's encoder, made while other threads run."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import defocus
from defocus.io.codecs import jpeg

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "astronaut.jpg"
COLOUR: dict[str, Any] = {"quality": 95, "subsampling": 0}


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.open(EXAMPLE).resize((width, height)).convert(mode)


def whole(image: Image.Image, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **settings)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (61, 397), (1999, 701)])
def test_the_bytes_are_those_of_pillow(mode: str, size: tuple[int, int]) -> None:
    image = picture(*size, mode)
    assert jpeg.encode(image, COLOUR) == whole(image, **COLOUR)


def test_pillow_gets_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    # Into a file that has one, Pillow encodes without the GIL.
    descriptors = []

    def save(image: Image.Image, file: Any, **_settings: Any) -> None:
        descriptors.append(file.fileno())

    monkeypatch.setattr(Image.Image, "save", save)
    jpeg.encode(picture(9, 9), COLOUR)
    assert descriptors


def test_save_takes_threads() -> None:
    image, files = picture(80, 300), [io.BytesIO() for _ in range(3)]
    for file, count in zip(files, (None, 1, 3), strict=True):
        defocus.save(image, file, format="jpeg", threads=count)
    assert files[0].getvalue() == files[1].getvalue() == files[2].getvalue()
    with pytest.raises(defocus.OptionError):
        defocus.save(image, io.BytesIO(), format="jpeg", threads=0)


def test_without_files_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no file today")

    image = picture(80, 300)
    want = jpeg.encode(image, COLOUR)
    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    assert jpeg.encode(image, COLOUR) == want
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert jpeg.encode(image, COLOUR) == want
