"""CMYK and Lab become sRGB by their profile; wide gamuts stay, and the network gets sRGB."""

from __future__ import annotations

import io
from itertools import product
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import defocus
from defocus.io import decode, network_view
from defocus.io.colour import to_srgb
from defocus.io.photo import Photo
from profiles import WIDE, ink_colour, inks, srgb_of_lab, wide


def stored(image: Image.Image, form: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def ink_corners() -> Image.Image:
    """Every corner of the ink cube, 8 x 8 pixels each."""
    corners = np.array([[c, m, y, k] for c, m, y, k in product((0, 255), repeat=4)], np.uint8)
    return Image.fromarray(corners.reshape(4, 4, 4).repeat(8, 0).repeat(8, 1), "CMYK")


@pytest.mark.parametrize(("form", "tolerance"), [("TIFF", 1.6), ("JPEG", 5)])
def test_cmyk_by_its_profile(form: str, tolerance: float) -> None:
    settings: dict[str, Any] = {"quality": 100} if form == "JPEG" else {}
    photo = decode.read(stored(ink_corners(), form, icc_profile=inks(), **settings))
    assert photo.mode == "RGB"
    assert photo.info["icc_profile"] == to_srgb.srgb_profile()
    assert "jpeg" not in photo.info
    got = photo.pixels[4::8, 4::8].reshape(16, 3)
    for found, (*colours, black) in zip(got, product((0, 1), repeat=4), strict=True):
        assert np.abs(found - srgb_of_lab(ink_colour(colours, black))).max() <= tolerance


def test_black_ink_is_black() -> None:
    """Black point compensation: what is as dark as ink can be is as dark as a screen can be."""
    black = Image.new("CMYK", (4, 3), (0, 0, 0, 255))
    black.info["icc_profile"] = inks(black=20.0)
    assert decode.read(black).pixels.max() <= 4
    paper = Image.new("CMYK", (4, 3), (0, 0, 0, 0))
    paper.info["icc_profile"] = inks(black=20.0)
    assert decode.read(paper).pixels.min() >= 254


def test_ycck_is_cmyk() -> None:
    # Pillow writes no YCCK: the last byte of the Adobe marker states the four channels.
    flat = Image.new("CMYK", (16, 16), (30, 90, 60, 40))
    data = stored(flat, "JPEG", quality=100)
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    as_ycck = data[:at] + b"\2" + data[at + 1 :]
    # Stored (inverted) 225, 165, 195 are then Y, Cb, Cr, which give the inks; K stays.
    y, cb, cr = 225, 165 - 128, 195 - 128
    inked = np.clip([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], 0, 255)
    want = (255 - inked) * (1 - 40 / 255)
    got = decode.read(as_ycck).pixels[8, 8]
    assert np.abs(got - want).max() <= 3


def test_cmyk_without_profile_is_of_ideal_inks() -> None:
    for profile in (None, b"damaged", b"\0" * 16 + b"CMYK" + bytes(200)):
        image = Image.new("CMYK", (4, 3), (0, 255, 51, 51))
        image.info["icc_profile"] = profile
        photo = decode.read(image)
        assert np.abs(photo.pixels[0, 0].astype(int) - [204, 0, 163]).max() <= 1
        assert photo.info["icc_profile"] == to_srgb.srgb_profile()


@pytest.mark.parametrize("lab", [(50, 0, 0), (60, 40, -30), (80, -40, 50)])
def test_lab(lab: tuple[int, int, int]) -> None:
    codes = bytes((round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128))
    image = Image.frombytes("LAB", (1, 1), bytes((codes[0], codes[1] ^ 128, codes[2] ^ 128)))
    image = image.resize((8, 8))
    for source in (image, stored(image, "TIFF")):
        photo = decode.read(source)
        exact = srgb_of_lab((codes[0] / 2.55, *lab[1:]))
        assert np.abs(photo.pixels[0, 0] - exact).max() <= 1.6
        assert photo.info["icc_profile"] == to_srgb.srgb_profile()


def test_the_result_says_that_it_is_srgb() -> None:
    matte = np.zeros((32, 32), np.uint8)
    result = defocus.portrait(
        stored(ink_corners(), "JPEG", icc_profile=inks()), matte=matte, sigma=2
    )
    file = io.BytesIO()
    defocus.save(result, file, format="jpeg")
    profile = Image.open(file).info["icc_profile"]
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert "sRGB" in name
    assert profile == to_srgb.srgb_profile()  # the same bytes whenever it is made


@pytest.mark.parametrize("name", WIDE)
def test_wide_gamuts_keep_their_codes_and_their_profile(name: str) -> None:
    image = Image.new("RGB", (40, 30), (250, 10, 60))
    matte = np.full((30, 40), 255, np.uint8)
    for form in ("PNG", "TIFF"):
        result = defocus.portrait(stored(image, form, icc_profile=wide(name)), matte=matte)
        assert result.getpixel((20, 15)) == (250, 10, 60)
        assert result.info["icc_profile"] == wide(name)


SHOWN = (200, 120, 90)


@pytest.mark.parametrize("name", WIDE)
def test_the_network_sees_srgb(name: str) -> None:
    # sRGB in the wide space, and back for the network.
    there = ImageCms.profileToProfile(
        Image.new("RGB", (40, 30), SHOWN),
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(wide(name))),
    )
    assert there is not None
    photo = Photo(np.asarray(there), info={"icc_profile": wide(name)})
    assert np.abs(photo.pixels[0, 0] - np.array(SHOWN)).max() > 8
    assert np.abs(network_view.pixels(photo, (320, 320))[0, 0] - np.array(SHOWN)).max() <= 2
    data = stored(there.resize((1400, 1300)), "JPEG", quality=95, icc_profile=wide(name))
    seen = network_view.pixels(decode.read(data), (320, 320), 2)
    assert seen.shape == (650, 700, 3)
    assert np.abs(seen - np.array(SHOWN)).max() <= 3


@pytest.mark.parametrize("profile", [None, to_srgb.srgb_profile(), b"junk", inks()])
def test_what_is_srgb_already_is_not_touched(profile: bytes | None) -> None:
    photo = Photo(np.full((4, 5, 3), 77, np.uint8), info={"icc_profile": profile})
    assert network_view.pixels(photo, (320, 320)) is photo.pixels
