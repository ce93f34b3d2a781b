"""TIFF files of kinds that are not read: the reason is what they are, not damage."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from deep_files import picture, tiff
from defocus import DeepImage
from defocus.io import decode

RGB, CMYK = picture(), picture(channels=4)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tiff(RGB, tags={339: (3, (3, 3, 3))}), r"RGB: 3 x 16 bits, floating-point"),
        (tiff(RGB, tags={339: (3, (2, 2, 2))}), r"RGB: 3 x 16 bits, signed"),
        (tiff(RGB, tags={258: (3, (12, 12, 12))}), r"RGB: 3 x 12 bits, unsigned"),
        (tiff(RGB[..., :1], tags={258: (3, (12,))}), r"grey: 1 x 12 bits, unsigned"),
        (tiff(RGB, tags={258: (3, (32, 32, 32))}), r"RGB: 3 x 32 bits, unsigned"),
        (tiff(RGB, tags={258: (3, (5, 6, 5))}), r"RGB: 3 x 5/6 bits"),
        (tiff(CMYK, photometric=5), r"CMYK: 4 x 16 bits"),
        (tiff(RGB, photometric=8), r"Lab: 3 x 16 bits"),
        (tiff(RGB[..., :1], photometric=3), r"of a palette: 1 x 16 bits"),
        (tiff(RGB, photometric=77), r"of photometric interpretation 77: 3 x 16 bits"),
    ],
)
def test_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(defocus.ImageTypeError, match=reason):
        decode.read(data)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(order: str) -> None:
    with pytest.raises(defocus.ImageTypeError, match="CMYK"):
        decode.read(tiff(CMYK, photometric=5, order=order))


def test_damage_stays_damage() -> None:
    data = tiff(RGB)
    for damaged in (data[:8], data[:7], b"II*\0" + bytes(40), b"MM\0+" + bytes(40)):
        with pytest.raises(defocus.DecodeError):
            decode.read(damaged)


def stored(image: Image.Image, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "TIFF", **settings)
    return file.getvalue()


def test_one_bit_either_way_round() -> None:
    bits = Image.fromarray(np.indices((9, 21)).sum(axis=0) % 3 == 0)
    for compression in ("raw", "group4", "packbits"):
        photo = decode.read(stored(bits, compression=compression))
        assert (photo.pixels == 255 * np.asarray(bits)[..., np.newaxis]).all()
    data = bytearray(stored(bits))
    tags: Any = Image.open(io.BytesIO(data)).tag_v2  # type: ignore[attr-defined]
    assert tags[262] == 1
    at = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00\x01\x00")
    data[at + 8] = 0  # white is zero
    assert (decode.read(bytes(data)).pixels == 255 * ~np.asarray(bits)[..., np.newaxis]).all()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", [{}, {"planar": True}, {"tile": (16, 16)}, {"compression": 5}])
def test_grey_of_16_bits_with_alpha(order: str, layout: dict[str, Any]) -> None:
    samples = picture(channels=2)
    photo = decode.read(tiff(samples, order=order, extra=2, **layout))
    assert (photo.mode, photo.format) == ("L", "TIFF")
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, samples[..., 1])
    shown = photo.alpha > 0
    assert np.array_equal(photo.pixels[..., 0][shown], samples[..., 0][shown])


@pytest.mark.parametrize("turned", [1, 6])
def test_a_grey_cutout_of_16_bits_can_be_read_again(turned: int) -> None:
    grey = tiff(picture(channels=1), tags={274: (3, (turned,))})
    size = decode.read(grey).size
    matte = np.zeros(size[::-1], np.uint8)
    matte[2:9, 3:12] = 255
    made = defocus.cutout(grey, matte=matte)
    again = decode.read(defocus.to_bytes(made, format="tiff"))
    assert again.size == size
    assert again.alpha is not None
    assert np.array_equal(again.alpha, matte * np.uint16(257))


def test_pages_of_grey_with_alpha() -> None:
    samples = picture(channels=2)
    file = io.BytesIO()
    defocus.save_frames([DeepImage.of(samples), DeepImage.of(samples // 2)], file, format="tiff")
    again: list[Any] = list(defocus.each_frame(file.getvalue()))
    assert [frame.mode for frame in again] == ["LA", "LA"]
    assert np.array_equal(again[1].samples[..., 1], samples[..., 1] // 2)
