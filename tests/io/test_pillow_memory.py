"""Images whose memory are arrays: to their users they are like any other."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

import defocus
from defocus.io import pillow_memory
from defocus.io.codecs import png
from defocus.io.photo import Photo
from defocus.io.results import to_output

PIXELS = np.random.default_rng(5).integers(0, 256, (13, 31, 4), dtype=np.uint8)


def rgbx() -> NDArray[np.uint8]:
    pixels = PIXELS.copy()
    pixels[..., 3] = 255
    return pixels


def jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


USES: dict[str, Callable[[Image.Image], Any]] = {
    "pixels": np.asarray,
    "a pixel": lambda image: image.getpixel((5, 6)),
    "copy": lambda image: np.asarray(image.copy()),
    "copy.copy": lambda image: np.asarray(copy.copy(image)),
    "copy.deepcopy": lambda image: np.asarray(copy.deepcopy(image)),
    "pickle": lambda image: np.asarray(pickle.loads(pickle.dumps(image))),
    "resize": lambda image: np.asarray(image.resize((7, 5))),
    "crop": lambda image: np.asarray(image.crop((-2, 3, 9, 40))),
    "filter": lambda image: np.asarray(image.filter(ImageFilter.GaussianBlur(2))),
    "RGBA": lambda image: np.asarray(image.convert("RGBA")),
    "grey": lambda image: np.asarray(image.convert("L")),
    "bands": lambda image: [np.asarray(band) for band in image.split()],
    "JPEG": lambda image: jpeg(image.convert("RGB")),
    "reduced": lambda image: np.asarray(image.reduce(2)),
    "transposed": lambda image: np.asarray(image.transpose(Image.Transpose.ROTATE_90)),
    "type": lambda image: (type(image), image.mode, image.size, image.readonly, image.info),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_it_is_like_an_image_of_its_own(use: str, mode: Any) -> None:
    pixels = rgbx() if mode == "RGB" else PIXELS.copy()
    image = pillow_memory.lent(pixels, mode)
    own = Image.fromarray(pixels[..., : len(mode)]).copy()
    np.testing.assert_equal(USES[use](image), USES[use](own))
    assert image == own


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_it_can_be_drawn_on(mode: Any) -> None:
    for image in (pillow_memory.lent(rgbx(), mode), pillow_memory.opaque(PIXELS[..., :3])):
        ImageDraw.Draw(image).rectangle((2, 3, 8, 9), fill="red")
        assert image.getpixel((4, 4))[:3] == (255, 0, 0)  # type: ignore[index]
        image.paste((1, 2, 3), (0, 0, 2, 2))
        access: Any = image.load()
        access[20, 10] = (9,) * len(image.getbands())
        assert np.asarray(image)[10, 20].tolist() == [9] * len(image.getbands())
        image.putalpha(7)
        assert image.mode == "RGBA"
        assert image.getpixel((4, 4)) == (255, 0, 0, 7)


def shown(image: Image.Image) -> NDArray[np.uint8]:
    held = pillow_memory.array_of(image)
    assert held is not None
    return held


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_its_array_shows_what_was_drawn(mode: Any) -> None:
    pixels = rgbx() if mode == "RGB" else PIXELS.copy()
    image = pillow_memory.lent(pixels, mode)
    assert np.shares_memory(shown(image), pixels)
    assert (shown(image) == pixels[..., : len(mode)]).all()
    ImageDraw.Draw(image).rectangle((2, 3, 8, 9), fill="red")
    image.paste((1, 2, 3), (0, 0, 2, 2))
    access: Any = image.load()
    access[20, 10] = (9,) * len(mode)
    image.putpixel((7, 11), (1, 5, 6))
    assert (shown(image) == np.asarray(image)).all()
    image.putalpha(7)
    assert shown(image).shape == (13, 31, 4)
    assert (shown(image) == np.asarray(image)).all()


def drawn_on(image: Any) -> None:
    image.readonly = 1
    image.putpixel((0, 0), (7, 8, 9))


CHANGES: dict[str, Callable[[Image.Image], Any]] = {
    "thumbnail": lambda image: image.thumbnail((9, 9)),
    "crop": lambda image: image.crop((0, 0, 5, 5)),
    "convert": lambda image: image.convert("L"),
    "copy": lambda image: image.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda image: pickle.loads(pickle.dumps(image)),
    "rotate": lambda image: image.rotate(180),
    "transposed": lambda image: ImageOps.exif_transpose(image, in_place=True),
    "quantize": lambda image: image.quantize(4),
    "frombytes": lambda image: image.frombytes(bytes(13 * 31 * 3)),
    "alpha": lambda image: image.putalpha(Image.new("L", image.size, 3)),
    "alpha channel": lambda image: image.apply_transparency(),
    "readonly": lambda image: drawn_on(image),
    "memory": lambda image: setattr(image, "im", Image.new("RGB", image.size, "red").im),
}


@pytest.mark.parametrize("change", CHANGES)
def test_its_array_is_its_memory_or_none(change: str) -> None:
    image = pillow_memory.lent(rgbx(), "RGB")
    image.info["exif"] = turned_exif()
    made = CHANGES[change](image)
    for result in (image, made):
        if isinstance(result, Image.Image):
            held = pillow_memory.array_of(result)
            assert held is None or (held == np.asarray(result)).all()
            assert held is None or result is image


@pytest.mark.parametrize("form", ["png", "jpeg", "tiff", "webp"])
def test_a_closed_image_is_an_encode_error(form: str) -> None:
    image = pillow_memory.lent(rgbx(), "RGB")
    image.close()
    with pytest.raises(defocus.EncodeError):
        defocus.to_bytes(image, format=form)


def test_memory_that_is_not_needed_is_freed() -> None:
    pixels = rgbx()
    kept = weakref.ref(pixels)
    image = pillow_memory.lent(pixels, "RGB")
    held = pillow_memory.array_of(image)
    assert held is not None
    del pixels
    gc.collect()
    assert kept() is not None
    del held
    other = image._new(image.im)  # of the same memory
    image.thumbnail((9, 9))
    gc.collect()
    assert kept() is not None
    assert pillow_memory.array_of(image) is None
    del other
    gc.collect()
    assert kept() is None
    assert pillow_memory.array_of(image) is None


def turned_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_file_is_that_of_an_image_of_its_own(
    mode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.tile(PIXELS, (9, 4, 1))
    pixels[..., 3] |= 255 if mode == "RGB" else 0
    image = pillow_memory.lent(pixels, mode)
    own = Image.fromarray(pixels[..., : len(mode)])
    ImageDraw.Draw(image).rectangle((2, 3, 58, 79), fill="red")
    ImageDraw.Draw(own).rectangle((2, 3, 58, 79), fill="red")
    for options in ({}, {"compression": "small"}, {"format": "jpeg"}, {"format": "tiff"}):
        if mode == "RGB" or "format" not in options:
            whole: Any = options
            assert defocus.to_bytes(image, **whole) == defocus.to_bytes(own, **whole)
    monkeypatch.setattr(png, "bytes_of_rows", None)  # the image was not copied
    defocus.to_bytes(image)


def test_the_memory_lives_as_long_as_the_image() -> None:
    images = [pillow_memory.lent(rgbx(), "RGB") for _ in range(20)]
    cropped = [image.crop((0, 0, 9, 9)) for image in images]
    gc.collect()
    assert all((np.asarray(image) == PIXELS[..., :3]).all() for image in images)
    del images
    gc.collect()
    assert all((np.asarray(image) == PIXELS[:9, :9, :3]).all() for image in cropped)


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_bytes_of_rows(mode: str, works: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.fromarray(PIXELS).convert(mode)
    samples = np.asarray(image).reshape(13, -1)
    monkeypatch.setattr(pillow_memory, "rows_of", None if works else pillow_memory.rows_of)
    if not works:
        own, calls = Image._getencoder, []

        def fails(*arguments: Any) -> Any:
            calls.append(arguments)
            if len(calls) % 2:  # then `Image.tobytes` calls it
                raise TypeError
            return own(*arguments)

        monkeypatch.setattr(Image, "_getencoder", fails)
    for top, bottom in ((0, 13), (0, 1), (12, 13), (3, 9)):
        got = pillow_memory.bytes_of_rows(image, top, bottom)
        assert got == samples[top:bottom].tobytes()


def test_an_opaque_copy_is_a_copy() -> None:
    pixels = PIXELS[::-1, ::2, :3]  # of any strides
    before = pixels.copy()
    image = pillow_memory.opaque(pixels)
    assert (np.asarray(image) == before).all()
    image.paste((1, 2, 3), (0, 0, 9, 9))
    assert (pixels == before).all()


@pytest.mark.parametrize("error", [AttributeError, TypeError, ValueError])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_where_pillow_cannot(mode: Any, error: type, monkeypatch: pytest.MonkeyPatch) -> None:
    class Core:
        def map_buffer(self, *_: Any) -> None:
            raise error

        def __getattr__(self, name: str) -> Any:
            return getattr(core, name)

    pillow_image: Any = Image
    core = pillow_image.core
    monkeypatch.setattr(Image, "core", Core())
    image = pillow_memory.lent(PIXELS.copy(), mode)
    assert image.mode == mode
    assert (np.asarray(image) == PIXELS[..., : len(mode)]).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_a_result_shares_no_memory_with_its_photo(mode: str) -> None:
    source = Image.fromarray(PIXELS).convert(mode)
    matte = np.full((13, 31), 255, np.uint8)
    before = np.asarray(source).copy()
    for call in (defocus.portrait, defocus.cutout):
        result: Any = call(source, matte=matte)
        result.paste(0, (0, 0, 31, 13))
        assert (np.asarray(source) == before).all()


def test_pixels_in_another_order_are_copied() -> None:
    turned = PIXELS.transpose(1, 0, 2)
    image: Any = to_output(turned, Photo(turned[..., :3]))
    assert (np.asarray(image) == turned).all()
    image.paste(0, (0, 0, 9, 9))
    assert turned.any(axis=2).all()
