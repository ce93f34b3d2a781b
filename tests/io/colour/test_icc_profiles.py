"""Profiles made here, through the eyes of LittleCMS and by the formulas."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from defocus.io.colour import cicp, icc_profiles
from defocus.io.colour.to_srgb import grey_as_srgb, is_linear, srgb_profile
from profiles import wide

BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
COLOURS = np.random.default_rng(3).integers(30, 226, (60, 3))


def xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def to_srgb(samples: NDArray[np.int64], stated: cicp.Colour) -> NDArray[np.float64]:
    """0..255, with white kept white, and what sRGB cannot hold clipped."""
    x = samples / 255
    g, a, b, c, d = stated.curve
    light = np.where(x >= d, (a * x + b) ** g, c * x)
    matrices = []
    for points in (stated.primaries, cicp.PRIMARIES[1]):
        white = xyz(*points[6:])
        corners = (points[i : i + 2] for i in (0, 2, 4))
        columns = np.array([[x, y, 1 - x - y] for x, y in corners]).T
        columns = columns * np.linalg.solve(columns, white)
        cones = np.diag((BRADFORD @ (0.9642, 1, 0.8249)) / (BRADFORD @ white))
        matrices.append(np.linalg.inv(BRADFORD) @ cones @ BRADFORD @ columns)
    light = np.clip(light @ (np.linalg.inv(matrices[1]) @ matrices[0]).T, 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(255 * coded)


CURVES = {
    "sRGB": cicp.SRGB,
    "1.0": cicp.gamma(1.0),
    "1.8": cicp.gamma(1.8),
    "2.6": cicp.gamma(2.6),
    "240M": cicp.colour_of(1, 7).curve,  # type: ignore[union-attr]
    "428": cicp.colour_of(1, 17).curve,  # type: ignore[union-attr]
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("primaries", cicp.PRIMARIES)
def test_little_cms_reads_them_as_they_are_meant(primaries: int, curve: str) -> None:
    stated = cicp.Colour(cicp.PRIMARIES[primaries], CURVES[curve])
    profile = icc_profiles.for_pictures(stated, grey=False)
    samples = COLOURS if curve != "428" else COLOURS * 9 // 10  # white is above 1 there
    image = Image.fromarray(samples.astype(np.uint8)[np.newaxis])
    moved = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.NOOPTIMIZE,
    )
    assert moved is not None
    want = to_srgb(samples, stated)
    inside = ((want > 3) & (want < 252)).all(axis=1)
    assert inside.sum() > (5 if primaries != 10 else 0)
    assert np.abs(np.asarray(moved)[0] - want)[inside].max() <= 1.6


@pytest.mark.parametrize("curve", CURVES)
def test_grey(curve: str) -> None:
    stated = cicp.Colour(cicp.PRIMARIES[9], CURVES[curve])
    profile = icc_profiles.for_pictures(stated, grey=True)
    assert profile[16:20] == b"GRAY"
    samples = np.arange(20, 230)
    want = to_srgb(samples[:, np.newaxis].repeat(3, axis=1), stated)[:, 1]
    got = grey_as_srgb(samples.astype(np.uint8), profile)
    assert np.abs(got - np.minimum(want, 255)).max() <= 1.6
    deep = grey_as_srgb((samples * 257).astype(np.uint16), profile)
    assert np.abs(deep / 257 - np.minimum(want, 255)).max() <= 1.6


def test_the_bytes_are_the_same_and_well_formed() -> None:
    stated = cicp.Colour(cicp.PRIMARIES[12], cicp.SRGB)
    profile = icc_profiles.for_pictures(stated, grey=False)
    icc_profiles.for_pictures.cache_clear()
    assert icc_profiles.for_pictures(stated, grey=False) == profile
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert len(profile) % 4 == 0
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    assert "Display P3" in ImageCms.getProfileDescription(opened)
    for intent in ImageCms.Intent:
        ImageCms.profileToProfile(
            Image.new("RGB", (1, 1)), opened, ImageCms.createProfile("sRGB"), intent
        )


@pytest.mark.parametrize("primaries", [4, 9, 11])
def test_the_white_that_was_can_be_worked_out(primaries: int) -> None:
    """By the matrix that made it that of profiles, ICC.1:2010, annex E."""
    stated = cicp.Colour(cicp.PRIMARIES[primaries], cicp.SRGB)
    profile = icc_profiles.for_pictures(stated, grey=False)
    at = profile.index(b"chad")
    start = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
    matrix = np.frombuffer(profile[start : start + 36], ">i4").reshape(3, 3) / 65536
    assert matrix @ xyz(*stated.primaries[6:]) == pytest.approx((0.9642, 1, 0.8249), abs=1e-4)


@pytest.mark.parametrize(
    ("primaries", "usable"),
    [
        (cicp.PRIMARIES[1], True),
        ((0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.0), False),
        ((0.0,) * 8, False),
        ((0.3127, 0.329) * 4, False),
        ((0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.3, 0.3), False),
        ((0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.9, 0.05), False),
        ((42949.0, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329), False),
    ],
)
def test_points_that_make_no_space(primaries: cicp.Primaries, usable: bool) -> None:
    assert icc_profiles.is_usable(primaries) == usable


def test_which_profiles_are_of_light_itself() -> None:
    for exponent, linear in ((1.0, True), (1.1, True), (1.4, False), (1.8, False), (2.2, False)):
        for grey in (False, True):
            stated = cicp.Colour(cicp.PRIMARIES[12], cicp.gamma(exponent))
            assert is_linear(icc_profiles.for_pictures(stated, grey=grey)) == linear
    assert not is_linear(srgb_profile())
    assert not is_linear(wide("ProPhoto"))
    assert not is_linear(b"damaged")
