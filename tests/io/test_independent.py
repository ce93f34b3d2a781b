"""Orientation, samples and colour as ImageMagick and exiftool read them: `pytest -m tools`."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import defocus
from deep_files import chunk, png
from defocus.io import decode
from tools.fuzz.independent import compare

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(
        not (shutil.which("exiftool") and shutil.which("identify")),
        reason="needs exiftool and ImageMagick",
    ),
]
SIZE = 24, 16
# x and y of red, green, blue and white (ITU-T H.273), and the numbers of cICP.
SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)
BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
BT601 = (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290)
LEVELS = 2.0  # of 255: profiles hold numbers of 16 bits


def test_random_files(tmp_path: Path) -> None:
    assert compare(tmp_path, 60, seed=20260301) == []


def matrix(chromaticities: tuple[float, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """From linear RGB to XYZ (SMPTE RP 177)."""
    x, y = np.array(chromaticities[::2]), np.array(chromaticities[1::2])
    columns = np.array([x[:3] / y[:3], np.ones(3), (1 - x[:3] - y[:3]) / y[:3]])
    white = np.array([x[3] / y[3], 1, (1 - x[3] - y[3]) / y[3]])
    return np.asarray(columns * np.linalg.solve(columns, white))


def expected(
    samples: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
    chromaticities: tuple[float, ...],
    gamma: float | None,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The samples in sRGB, 0 to 255, by the formulas; the curve of sRGB has no gamma."""
    share = samples / 65535
    curve = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    light = curve if gamma is None else share**gamma
    light = light @ (np.linalg.inv(matrix(SRGB)) @ matrix(chromaticities)).T
    assert light.min() > -1e-3, "out of the gamut of sRGB"
    light = np.clip(light, 0, 1)
    return np.asarray(
        255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    )


def converted(path: Path, folder: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The file in sRGB by its profile, as ImageMagick converts it: 0 to 255."""
    profile = folder / "srgb.icc"
    profile.write_bytes(srgb())
    how = [
        "-intent",
        "relative",
        "-profile",
        str(profile),
        "-depth",
        "16",
        "-endian",
        "LSB",
        "rgb:-",
    ]
    data = subprocess.check_output(["convert", path, *how])
    return np.frombuffer(data, "<u2").reshape(SIZE[1], SIZE[0], 3) / 257


def srgb() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def muted() -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """Colours that sRGB can hold, whatever the primaries are."""
    rng = np.random.default_rng(12)
    grey = rng.integers(8000, 60000, (SIZE[1], SIZE[0], 1))
    return np.asarray(grey * rng.uniform(0.92, 1.08, (SIZE[1], SIZE[0], 3)), np.uint16)


@pytest.mark.parametrize(
    ("numbers", "chromaticities", "gamma"),
    [
        ((1, 13), SRGB, None),
        ((12, 13), P3, None),
        ((9, 13), BT2020, None),
        ((6, 13), BT601, None),
        ((9, 4), BT2020, 2.2),
        ((12, 5), P3, 2.8),
        ((12, 8), P3, 1.0),
    ],
    ids=str,
)
def test_colour_by_numbers(
    numbers: tuple[int, int],
    chromaticities: tuple[float, ...],
    gamma: float | None,
    tmp_path: Path,
) -> None:
    data = png(muted(), before=chunk(b"cICP", bytes((*numbers, 0, 1))))
    check(data, chromaticities, gamma, tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_colour_by_gamma_and_chromaticities(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    near = (SRGB, P3, BT2020, BT601)[seed % 4][:6] + rng.uniform(-0.01, 0.01, 6)
    stated = [round(value * 100000) for value in (*SRGB[6:], *near)]
    gamma = round(100000 / rng.uniform(1.2, 2.6))
    before = chunk(b"gAMA", struct.pack(">I", gamma)) + chunk(b"cHRM", struct.pack(">8I", *stated))
    exact = tuple(value / 100000 for value in (*stated[2:], *stated[:2]))
    check(png(muted(), before=before), exact, 100000 / gamma, tmp_path)


def check(
    data: bytes, chromaticities: tuple[float, ...], gamma: float | None, folder: Path
) -> None:
    photo = decode.read(data)
    result = defocus.cutout(data, matte=np.full(SIZE[::-1], 255, np.uint8), background="white")
    path = folder / "result.png"
    defocus.save(result, path)
    assert np.array_equal(photo.pixels, muted())
    with Image.open(path) as stored:
        profiled = "icc_profile" in stored.info
    if not profiled:  # close to sRGB
        assert chromaticities == SRGB
        return
    difference = converted(path, folder) - expected(muted(), chromaticities, gamma)
    assert np.abs(difference).max() < LEVELS
