"""Edges beside the borders of tiles: what is known to be 0 or 1 is not computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native

TILE = 512
WIDTHS = [TILE - 1, TILE, TILE + 1, 2 * TILE, 2 * TILE + 1, 1400]
LOOKS = [("srgb", "gaussian"), ("linear", "gaussian"), ("srgb", "disc"), ("linear", "disc")]


def subjects(height: int, width: int) -> list[NDArray[np.float32]]:
    """Masks of the size of the image whose edges lie beside the borders of tiles."""
    masks = []
    for edge in (1, TILE - 1, TILE, TILE + 1, width - 1):
        right = np.zeros((height, width), np.float32)
        right[:, edge:] = 1
        masks += [right, 1 - right]
    for y, x in ((0, 0), (height // 2, TILE - 1), (height - 1, width - 1)):
        point = np.zeros((height, width), np.float32)
        point[y, min(x, width - 1)] = 1
        masks += [point, 1 - point]
    half = np.zeros((height, width), np.float32)
    half[height // 2 :] = 1
    return [*masks, half, np.zeros_like(half), np.ones_like(half)]


def photograph(height: int, width: int, mask: NDArray[np.float32], dtype: Any) -> NDArray[Any]:
    """A subject and a background of two colours, with noise."""
    rng = np.random.default_rng(8)
    values = np.where(mask[..., None] > 0.5, [190, 140, 90], [60, 90, 120])
    noisy = (values + rng.uniform(-20, 20, (height, width, 3))).astype(np.uint8)
    samples: NDArray[Any] = noisy.astype(dtype) * dtype(257 if dtype is np.uint16 else 1)
    return samples


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_guided_mask_is_its_matte(isa: str, width: int, dtype: Any) -> None:
    height = 37
    for i, mask in enumerate(subjects(height, width)):
        image = photograph(height, width, mask, dtype)
        matte = _native.guided_matte(image, mask, isa=isa)
        light, bokeh = LOOKS[i % len(LOOKS)]
        look: dict[str, Any] = {"light": light, "bokeh": bokeh, "isa": isa}
        guided = _native.portrait(image, mask, 3.0, guided=True, **look)
        assert (guided == _native.portrait(image, matte, 3.0, **look)).all(), i
        guided = _native.cutout(image, mask, guided=True, isa=isa)
        assert (guided == _native.cutout(image, matte, isa=isa)).all(), i


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_only_soft_pixels_are_unmixed(isa: str, dtype: Any) -> None:
    height, width = 37, 2 * TILE + 1
    for i, mask in enumerate(subjects(height, width)):
        image = photograph(height, width, mask, dtype)
        matte = _native.guided_matte(image, mask, isa=isa)
        recipe: dict[str, Any] = {"guided": True, "unmixed": True, "isa": isa}
        certain = (matte == 0) | (matte == 1)
        rgba = _native.cutout(image, mask, **recipe)
        assert (rgba[..., :3][certain] == image[certain]).all(), i
        assert (rgba[..., 3] == _native.cutout(image, mask, guided=True)[..., 3]).all(), i
        over = _native.portrait(image, mask, 3.0, **recipe)
        assert (over[matte == 1] == image[matte == 1]).all(), i
        if not certain.all():
            soft = ~certain
            assert (rgba[..., :3][soft] != image[soft]).any(), i


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [1.5, 6.0])
def test_every_row_has_its_own_foreground(isa: str, sigma: float, dtype: Any) -> None:
    """Tiles are kept for the blend, in fewer places than the image has rows."""
    height, width = 700, TILE + 90
    y, x = np.mgrid[:height, :width]
    for k, mask in enumerate((x > 400 + y // 9, (x // 60 + y // 40) % 2 == 0)):
        image = photograph(height, width, mask.astype(np.float32), dtype)
        look: dict[str, Any] = {"light": LOOKS[k][0], "isa": isa}
        matte = _native.guided_matte(image, mask.astype(np.float32), isa=isa)
        guided = _native.portrait(image, mask.astype(np.float32), sigma, guided=True, **look)
        assert (guided == _native.portrait(image, matte, sigma, **look)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [1.5, 6.0])
def test_every_row_has_its_own_unmixed_foreground(isa: str, sigma: float, dtype: Any) -> None:
    height, width, full = 700, TILE + 90, np.iinfo(dtype).max
    y, x = np.mgrid[:height, :width]
    mask = (x > 400 + 40 * np.sin(y / 30)).astype(np.float32)
    wave = 0.4 * np.sin(y / 13)
    subject = np.stack([0.5 + wave, np.full(y.shape, 0.5), 0.5 - wave], 2)
    share = np.clip((x - 398 - 40 * np.sin(y / 30)) / 4, 0, 1)[..., None]
    image = (full * (share * subject + (1 - share) * 0.3)).astype(dtype)
    recipe: dict[str, Any] = {"guided": True, "unmixed": True, "isa": isa}
    foreground = _native.cutout(image, mask, **recipe)[..., :3].astype(np.float64)
    alpha = _native.guided_matte(image, mask, isa=isa)[..., None].astype(np.float64)
    got = _native.portrait(image, mask, sigma, threads=2, **recipe)
    want = alpha * foreground + (1 - alpha) * 0.3 * full
    mostly = (alpha[..., 0] > 0.8) & (alpha[..., 0] < 1)
    assert mostly.any(axis=1).mean() > 0.5
    assert np.abs(got - want)[mostly].max() < 0.05 * full


@pytest.mark.parametrize("size", [(3, 900), (900, 3), (41, 1100)])
def test_masks_without_an_edge_give_the_plain_results(isa: str, size: tuple[int, int]) -> None:
    image = photograph(*size, np.zeros(size, np.float32), np.uint8)
    for value in (0, 1):
        mask = np.full((5, 7), value, np.float32)
        for light, bokeh in LOOKS:
            look: dict[str, Any] = {"light": light, "bokeh": bokeh, "isa": isa}
            guided = _native.portrait(image, mask, 4.0, guided=True, unmixed=True, **look)
            assert (guided == _native.portrait(image, mask, 4.0, **look)).all()
