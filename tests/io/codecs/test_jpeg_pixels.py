"""The pixels of a JPEG are those of Pillow, whoever decodes them, and so are the errors."""

from __future__ import annotations

import errno
import io
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.io import decode
from defocus.io.codecs import jpeg
from defocus.io.open import ImageSource
from defocus.io.photo import Photo

simplejpeg = pytest.importorskip("simplejpeg")

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "astronaut.jpg"
USUAL: dict[str, dict[str, Any]] = {
    "4:4:4": {"subsampling": 0},
    "4:2:2": {"subsampling": 1},
    "4:2:0": {"subsampling": 2},
    "progressive": {"progressive": True},
    "progressive, 4:4:4": {"progressive": True, "subsampling": 0},
    "restarts": {"restart_marker_rows": 1},
    "grey": {"mode": "L"},
    "grey, progressive": {"mode": "L", "progressive": True},
    "coarse": {"quality": 3},
    "upside down": {"orientation": 3},
    "on its side": {"orientation": 6},
    "mirrored, on its side": {"orientation": 5},
}


@cache
def stored(
    *, mode: str = "RGB", size: tuple[int, int] = (93, 61), orientation: int = 1, **settings: Any
) -> bytes:
    image, file = Image.open(EXAMPLE).resize(size).convert(mode), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(file, "JPEG", exif=exif, **{"quality": 90, **settings})
    return file.getvalue()


def opened(data: bytes) -> tuple[Image.Image, io.BytesIO]:
    file = io.BytesIO(data)
    return Image.open(file), file


def found(source: ImageSource) -> Photo | type[Exception]:
    """What reading gives: a photo, or the type of the error."""
    try:
        return decode.read(source)
    except Exception as error:
        return type(error)


def by_pillow(source: ImageSource) -> Photo | type[Exception]:
    """The same without the other decoder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jpeg, "decode", lambda image, file: None)
        return found(source)


def same(one: Photo | type[Exception], other: Photo | type[Exception]) -> bool:
    if not (isinstance(one, Photo) and isinstance(other, Photo)):
        return one is other
    described = [(p.mode, p.info, p.format, p.alpha, p.frames, p.lost) for p in (one, other)]
    return described[0] == described[1] and np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("size", [(93, 61), (1, 1), (16, 200)])
def test_a_usual_jpeg_is_decoded_into_the_array(kind: str, size: tuple[int, int]) -> None:
    data = stored(size=size, **USUAL[kind])
    pixels = jpeg.decode(*opened(data))
    assert pixels is not None
    assert np.array_equal(pixels, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    photo = found(data)
    assert same(photo, by_pillow(data))
    assert isinstance(photo, Photo)
    assert photo.pixels.flags.c_contiguous
    assert photo.pixels.flags.writeable


@pytest.mark.parametrize(
    "data",
    [
        stored(mode="CMYK"),
        stored(keep_rgb=True),
        stored()[:-200],
        stored() + stored(),
        defocus.to_bytes(np.zeros((4, 5, 3), np.uint8)),
    ],
    ids=["CMYK", "RGB without a conversion", "truncated", "two files", "PNG"],
)
def test_what_is_not_usual_is_read_as_before(data: bytes) -> None:
    assert same(found(data), by_pillow(data))


@pytest.mark.parametrize("mode", ["CMYK", "RGB"])
def test_colours_that_the_decoder_would_not_convert_as_pillow_does(mode: str) -> None:
    data = stored(mode=mode, **({"keep_rgb": True} if mode == "RGB" else {}))
    assert jpeg.decode(*opened(data)) is None


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """A file that is cut off, or with bytes changed, added or left out."""
    changed = bytearray(data)
    at, kind = int(rng.integers(2, len(data))), rng.integers(5)
    if kind == 0:
        return data[:at]
    if kind == 1:
        changed[at] = int(rng.integers(256))
    elif kind == 2:
        changed[at:at] = rng.bytes(3)
    elif kind == 3:
        del changed[at : at + 4]
    else:
        markers = [0xC0, 0xC2, 0xC4, 0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, 0xFE]
        changed[at : at + 2] = bytes([0xFF, int(rng.choice(markers))])
    return bytes(changed)


@pytest.mark.parametrize("kind", ["4:2:0", "progressive", "grey", "restarts"])
def test_damage_has_the_same_pixels_or_the_same_error(
    kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stored(size=(40, 25), quality=50, **USUAL[kind])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100_000)  # damaged sizes take no time
    kinds = set[str]()
    for _ in range(60):
        damaged = mutated(data, rng)
        one, other = found(damaged), by_pillow(damaged)
        assert same(one, other), damaged.hex()
        kinds.add("photo" if isinstance(one, Photo) else "error")
    assert kinds == {"photo", "error"}


def test_every_source_gives_the_same_photo(tmp_path: Path) -> None:
    data = stored()
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    behind = io.BytesIO(b"something before" + data)
    behind.seek(16)
    want = by_pillow(data)
    with path.open("rb") as file:
        sources: list[ImageSource] = [data, memoryview(data), path, file, behind]
        assert all(same(found(source), want) for source in sources)
    assert behind.getvalue() == b"something before" + data


def refused(*_arguments: Any, **_options: Any) -> None:
    raise AssertionError("not to be called")


def test_an_image_of_the_caller_is_decoded_by_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    data = stored()
    want = by_pillow(data)
    monkeypatch.setattr(simplejpeg, "decode_jpeg", refused)
    image, _ = opened(data)
    assert same(found(image), want)
    with pytest.raises(AssertionError):
        decode.read(data)


def test_a_result_of_another_size_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def smaller(*_: Any, **__: Any) -> Any:
        return np.zeros((4, 4, 3), np.uint8)

    want = by_pillow(stored())
    monkeypatch.setattr(simplejpeg, "decode_jpeg", smaller)
    assert same(found(stored()), want)


def test_without_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    want = found(stored())
    monkeypatch.setitem(sys.modules, "simplejpeg", None)
    jpeg.import_if_installed()
    assert jpeg.decode(*opened(stored())) is None
    assert same(found(stored()), want)


def test_a_device_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_file: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(jpeg, "content", broken)
    with pytest.raises(defocus.DecodeError, match="cannot be read"):
        decode.read(stored())
    with pytest.raises(defocus.DecodeError, match="cannot be read"):
        next(decode.frames(stored()))


def test_a_lack_of_memory_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(simplejpeg, "decode_jpeg", starved)
    with pytest.raises(MemoryError):
        decode.read(stored())
