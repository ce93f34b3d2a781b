"""Pictures of 30,000 pixels a row, and of as many rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from tests.native.reference.blur import gaussian_blur as exact_blur
from tests.native.reference.convert import to_bytes
from tests.native.reference.light import to_linear, to_srgb

LENGTH = 30_000


def along(row: NDArray[Any], sigma: float) -> NDArray[np.float64]:
    """The exact blur of a long row, whose weights are too many for a matrix."""
    radius = min(int(np.ceil(6 * sigma)), len(row) - 1)
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    wide = np.pad(np.asarray(row, np.float64), radius, mode="reflect")
    size = len(wide) + len(taps)
    product = np.fft.irfft(np.fft.rfft(wide, size) * np.fft.rfft(taps / taps.sum(), size), size)
    return product[2 * radius : 2 * radius + len(row)]


def picture() -> NDArray[np.uint8]:
    rng = np.random.default_rng(4)
    row = rng.integers(0, 2, LENGTH) * 255
    row[LENGTH // 2 :] = np.arange(LENGTH - LENGTH // 2) // 9 % 2 * 255
    return np.repeat(row.astype(np.uint8)[np.newaxis, :, np.newaxis], 3, axis=2)


def test_the_truth_is_that_of_small_pictures(rng: np.random.Generator) -> None:
    row = rng.integers(0, 256, 90)
    assert np.abs(along(row, 3.3) - exact_blur(row[np.newaxis], 3.3)[0]).max() < 1e-9


@pytest.mark.parametrize("sigma", [0.3, 2, 4, 10, 100, 3000])
@pytest.mark.parametrize("upright", [False, True])
def test_blur(isa: str, sigma: float, upright: bool) -> None:
    image = picture().transpose(1, 0, 2) if upright else picture()
    want = to_bytes(along(picture()[0, :, 0], sigma)).astype(int)
    got = _native.gaussian_blur(image, sigma, isa=isa).reshape(LENGTH, 3)
    assert np.abs(got.astype(int) - want[:, np.newaxis]).max() <= 1
    floats = _native.gaussian_blur(image.astype(np.float32), sigma, isa=isa).reshape(LENGTH, 3)
    # Worse than test_blur: a long row of noise has all patterns, and no second axis averages.
    assert np.abs(floats - along(picture()[0, :, 0], sigma)[:, np.newaxis]).max() <= 0.4


@pytest.mark.parametrize("sigma", [2, 10, 100])
def test_portrait(isa: str, sigma: float) -> None:
    image = picture()
    matte = (np.arange(LENGTH) // 3000 % 2 * 255).astype(np.uint8)
    got = _native.portrait(image, matte[np.newaxis], sigma, isa=isa)[0]
    share = 1.0 - matte / 255.0
    weight = along(share, sigma)
    colour = along(to_linear(image[0, :, 0]) * share, sigma)
    want = to_bytes(to_srgb(colour / np.maximum(weight, 1e-9))).astype(int)
    background = matte == 0
    assert np.abs(got.astype(int) - want[:, np.newaxis])[background].max() <= 1
    assert (got[~background] == image[0, ~background]).all()
