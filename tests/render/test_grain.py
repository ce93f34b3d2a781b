"""Grain: how much noise a photograph has, and its return to the background."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import defocus
from defocus.render import grain
from scenes import person


def noisy(sigma: float, image: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """A scene with edges and slopes, and noise alike in all colours."""
    if image is None:
        y, x = np.mgrid[:300, :400]
        plain = 90 + 0.2 * x + 30 * (y // 40 % 2)
        image = np.repeat(plain[..., np.newaxis], 3, axis=2).astype(np.uint8)
    noise = np.random.default_rng(5).normal(0, sigma, image.shape[:2])[..., np.newaxis]
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 3.0, 8.0])
def test_noise_is_measured(sigma: float) -> None:
    assert grain.measure(noisy(sigma)) == pytest.approx(sigma, rel=0.12)


def test_edges_slopes_and_flat_white_are_no_noise() -> None:
    assert grain.measure(noisy(0.0)) < 0.4
    assert grain.measure(np.full((300, 400, 3), 255, np.uint8)) == 0.0


@pytest.mark.parametrize("size", [(1, 1), (17, 300), (18, 18), (19, 40)])
def test_small_pictures(size: tuple[int, int]) -> None:
    assert grain.measure(np.zeros((*size, 3), np.uint8)) == 0.0


def test_grain_comes_back_to_the_background_only() -> None:
    image, matte = person()
    image = noisy(4.0, image)
    smooth = defocus.portrait(image, matte=matte, sigma=8)
    grainy = defocus.portrait(image, matte=matte, sigma=8, grain=1)
    assert (grainy[matte == 255] == image[matte == 255]).all()
    added = (grainy.astype(int) - smooth)[matte == 0]
    assert added.std() == pytest.approx(4.0, rel=0.15)
    assert abs(added.mean()) < 0.1
    assert (added == added[:, :1]).all()
    assert grain.measure(smooth) < 1 < grain.measure(grainy)
    half = defocus.portrait(image, matte=matte, sigma=8, grain=0.5).astype(int) - smooth
    assert half[matte == 0].std() == pytest.approx(2.0, rel=0.15)


def test_the_same_call_gives_the_same_bytes() -> None:
    image, matte = person()
    image = noisy(4.0, image)
    calls = [defocus.portrait(image, matte=matte, grain=1).tobytes() for _ in range(2)]
    assert calls[0] == calls[1]


def test_no_grain_by_default() -> None:
    image, matte = person()
    image = noisy(4.0, image)
    plain = defocus.portrait(image, matte=matte)
    assert (plain == defocus.portrait(image, matte=matte, grain=0)).all()
