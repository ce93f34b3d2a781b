"""gaussian_blur: whole pictures against the exact Gaussian."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded
from hard_pictures import hard_pictures
from tests.native.reference.blur import gaussian_blur as exact_blur
from tests.native.reference.convert import to_bytes

SIGMAS = [0.3, 0.5, 1, 2, 3.7, 4, 5, 8, 10, 21, 40, 100, 1000]
HEIGHT, WIDTH = 131, 167


def draw(name: str) -> NDArray[np.uint8]:
    """Patterns on which approximate blurs fail."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    rng = np.random.default_rng(7)
    patterns: dict[str, Callable[[], Any]] = {
        "noise": lambda: rng.integers(0, 2, (HEIGHT, WIDTH)),
        "checker": lambda: (x + y) % 2,
        "stripes7": lambda: x // 7 % 2,
        "stripes9": lambda: y // 9 % 2,
        "stripes17": lambda: (x + y) // 17 % 2,
        "chirp": lambda: np.sin(x * x / 60.0) * np.sin(y * y / 80.0) > 0,
        "step": lambda: x > 70,
        "corner": lambda: (x > 70) & (y > 50),
        "points": lambda: (x % 31 == 3) & (y % 29 == 5),
    }
    return np.asarray(patterns[name]() * 255, np.uint8)


PATTERNS = [
    "noise", "checker", "stripes7", "stripes9", "stripes17", "chirp", "step", "corner", "points"
]  # fmt: skip


@functools.cache
def truth(pattern: str, sigma: float) -> NDArray[np.float64]:
    return exact_blur(draw(pattern), sigma)


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_within_one_level_of_the_exact_gaussian(isa: str, pattern: str, sigma: float) -> None:
    got = _native.gaussian_blur(draw(pattern), sigma, isa=isa)
    error = got.astype(int) - to_bytes(truth(pattern, sigma)).astype(int)
    assert np.abs(error).max() <= 1


@pytest.mark.parametrize("sigma", [0.3, 2, 3.7, 4, 10, 40])
def test_float_output_is_not_rounded(isa: str, sigma: float) -> None:
    image = draw("noise").astype(np.float32)
    got = _native.gaussian_blur(image, sigma, isa=isa)
    assert got.dtype == np.float32
    # The worst case of the multirate path, sigma / D = 2 on binary noise, is .17 of a level.
    assert np.abs(got - truth("noise", sigma)).max() <= 0.2


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_all_levels_give_the_same_bytes(
    sigma: float, dtype: type, channels: int, rng: np.random.Generator
) -> None:
    shape = (45, 71, channels) if channels else (45, 71)
    image: Any = rng.integers(0, 256, shape).astype(dtype)
    results = [_native.gaussian_blur(image, sigma, isa=level) for level in _native.isa_levels()]
    assert all(result.tobytes() == results[0].tobytes() for result in results)
    assert results[0].shape == shape


def test_channels_do_not_mix(isa: str, rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (20, 33, 4), dtype=np.uint8)
    together = _native.gaussian_blur(image, 6.0, isa=isa)
    for c in range(4):
        alone = _native.gaussian_blur(np.ascontiguousarray(image[..., c]), 6.0, isa=isa)
        assert (together[..., c] == alone).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (1, 70), (70, 1), (2, 2), (3, 5)])
@pytest.mark.parametrize("sigma", [0.5, 5, 50, 1e5])
def test_tiny_images(isa: str, size: tuple[int, int], sigma: float) -> None:
    image = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    got = _native.gaussian_blur(image, sigma, isa=isa)
    # The truth's cost grows with sigma; from 20 periods on it no longer changes.
    want = exact_blur(image, min(sigma, 40.0 * max(size)))
    assert np.abs(got.astype(int) - to_bytes(want).astype(int)).max() <= 1


@pytest.mark.parametrize("sigma", [0.7, 3, 6, 17, 90])
@pytest.mark.parametrize("value", [0, 1, 128, 254, 255])
def test_a_constant_stays_constant(isa: str, sigma: float, value: int) -> None:
    image = np.full((37, 53, 3), value, np.uint8)
    assert (_native.gaussian_blur(image, sigma, isa=isa) == value).all()


@pytest.mark.parametrize("sigma", [1.5, 5, 9])
def test_an_impulse_spreads_evenly_and_falls(isa: str, sigma: float) -> None:
    image = np.zeros((129, 129), np.float32)
    image[64, 64] = 1e6
    spread = _native.gaussian_blur(image, sigma, isa=isa)
    peak = spread.max()
    # Pixel 64 does not lie in the middle of a cell of the grid: a single bright pixel, which
    # holds all frequencies alike, shows the multirate path's aliases, .5 % of the peak.
    for mirrored in (spread[::-1], spread[:, ::-1], spread.T):
        assert np.abs(spread - mirrored).max() <= 0.01 * peak
    assert (np.diff(spread[64, 64:].astype(np.float64)) <= 1e-6 * peak).all()
    assert spread.sum(dtype=np.float64) == pytest.approx(1e6, rel=1e-5)


@pytest.mark.parametrize(("a", "b"), [(3, 4), (5, 12), (8, 6)])
def test_variances_add(isa: str, a: float, b: float) -> None:
    image = draw("corner").astype(np.float32)
    twice = _native.gaussian_blur(_native.gaussian_blur(image, a, isa=isa), b, isa=isa)
    once = _native.gaussian_blur(image, float(np.hypot(a, b)), isa=isa)
    assert np.abs(twice - once).max() < 0.5


def test_out_between_guards_and_with_gaps_between_rows(isa: str, rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (23, 31, 3), dtype=np.uint8)
    want = _native.gaussian_blur(image, 7.0, isa=isa)
    out = Guarded((23, 40, 3), np.uint8)
    before = out.view.copy()
    returned = _native.gaussian_blur(image, 7.0, out=out.view[:, 4:35], isa=isa)
    assert returned.base is not None
    assert (out.view[:, 4:35] == want).all()
    assert (out.view[:, :4] == before[:, :4]).all()
    assert (out.view[:, 35:] == before[:, 35:]).all()
    assert out.intact()


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 24),
    width=st.integers(1, 40),
    sigma=st.floats(0.2, 60),
    seed=st.integers(0, 2**16),
)
def test_any_small_picture(height: int, width: int, sigma: float, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    got = _native.gaussian_blur(image, sigma)
    want = to_bytes(exact_blur(image, sigma))
    assert np.abs(got.astype(int) - want.astype(int)).max() <= 1


@pytest.mark.parametrize("sigma", [0.6, 2.0, 5.0, 17.0, 60.0])
def test_a_blur_of_what_is_not_negative_is_not(isa: str, sigma: float) -> None:
    for size in ((70, 41), (1, 90), (300, 200)):
        for name, image in hard_pictures(*size):
            light: NDArray[np.float32] = image.astype(np.float32) / np.float32(255)
            got = _native.gaussian_blur(light, sigma, isa=isa)
            assert got.min() >= 0, name
            assert got.max() <= 1 + 1e-5, name
