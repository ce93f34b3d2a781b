"""Mattes in the stages: masks of any size, and runs of pixels that are all or nothing."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from tests.native.reference.convert import to_bytes
from tests.native.reference.stages import portrait as exact_portrait
from tests.native.reference.upsample import resize_bilinear as exact_resize

TILE = 512  # pixels that the stages treat at a time
# Half a level, and two units of 1/16384: stretched along the row, and between two.
ALPHA_BOUND = 0.5 + 2.5 * 255 / 16384
WIDTHS = pytest.mark.parametrize("width", [TILE - 1, TILE, TILE + 1, 2 * TILE + 1])
DTYPES = pytest.mark.parametrize("dtype", [np.uint8, np.float32])
LIGHTS = pytest.mark.parametrize("light", ["linear", "srgb"])
MASKS = ["soft", "nothing", "everything", "left", "right", "pixels", "one row", "faint"]


def draw(name: str, height: int, width: int, dtype: type) -> NDArray[Any]:
    """Masks with tiles that are empty, full, and neither."""
    rng = np.random.default_rng(5)
    x = np.tile(np.arange(width) / max(width - 1, 1), (height, 1))
    values: dict[str, Any] = {
        "soft": rng.random((height, width)),
        "nothing": 0.0 * x,
        "everything": 0.0 * x + 1,
        "left": x < 0.5,
        "right": x >= 0.5,
        "pixels": rng.random((height, width)) < 0.02,
        "one row": (np.arange(height) == height // 2)[:, np.newaxis] * np.ones(width),
        "faint": np.where(x < 0.5, 1 / 255, 254 / 255),
    }
    alpha = np.asarray(values[name], np.float64)
    return to_bytes(255 * alpha) if dtype is np.uint8 else alpha.astype(np.float32)


@functools.cache
def matte(name: str, size: tuple[int, int], dtype: type, width: int, height: int) -> Any:
    """The exact one."""
    return exact_resize(draw(name, *size, dtype), width, height)


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(6).integers(0, 256, (height, width, 3), dtype=np.uint8)


@WIDTHS
@DTYPES
@pytest.mark.parametrize("name", MASKS)
def test_the_matte_of_a_cutout(isa: str, width: int, dtype: type, name: str) -> None:
    image = picture(11, width)
    # Smaller than the picture; one pixel; of its size; as wide only; larger both ways.
    for size in ((7, 40), (1, 1), (11, width), (4, width), (25, 2 * width), (40, 3)):
        mask = draw(name, *size, dtype)
        got = _native.cutout(image, mask, isa=isa)
        want = matte(name, size, dtype, width, 11)
        assert np.abs(got[..., 3] - 255 * want).max() <= ALPHA_BOUND
        assert (got[..., :3] == image).all()
        assert (got[want == 0, 3] == 0).all()
        assert (got[want == 1, 3] == 255).all()


@functools.cache
def truth(
    name: str, size: tuple[int, int], dtype: type, width: int, sigma: float, light: str
) -> NDArray[np.uint8]:
    mask = draw(name, *size, dtype)
    return to_bytes(exact_portrait(picture(9, width), mask, sigma, light=light))


@pytest.mark.parametrize("width", [TILE, 2 * TILE + 1])
@DTYPES
@pytest.mark.parametrize("name", ["soft", "everything", "left", "pixels", "faint"])
def test_portraits_over_tiles(isa: str, width: int, dtype: type, name: str) -> None:
    image = picture(9, width)
    for size, sigma, light in (
        ((5, 30), 5.0, "linear"),
        ((9, width), 5.0, "srgb"),
        ((9, width), 2.0, "linear"),
        ((20, width + 7), 9.0, "srgb"),
    ):
        mask = draw(name, *size, dtype)
        got = _native.portrait(image, mask, sigma, light=light, isa=isa)
        want = truth(name, size, dtype, width, sigma, light)
        assert np.abs(got.astype(int) - want.astype(int)).max() <= 1
        whole = matte(name, size, dtype, width, 9) == 1
        assert (got[whole] == image[whole]).all()


@WIDTHS
@DTYPES
def test_blends_over_tiles(isa: str, width: int, dtype: type) -> None:
    front, back = picture(9, width), picture(9, width)[::-1]
    for name in MASKS:
        alpha = draw(name, 9, width, dtype)
        share = (alpha / 255.0 if dtype is np.uint8 else alpha.astype(float))[..., np.newaxis]
        got = _native.blend(front, back, alpha, isa=isa)
        assert np.abs(got - (share * front + (1 - share) * back)).max() <= 0.5 + 1 / 128 + 0.02


@DTYPES
def test_a_mask_of_the_pictures_size_is_read_as_it_is(isa: str, dtype: type) -> None:
    """However its rows lie in memory."""
    image = picture(20, 700)
    mask = draw("soft", 20, 700, dtype)
    wide: NDArray[Any] = np.zeros((40, 1400), dtype)
    wide[::2, ::2] = mask
    upside_down = mask[::-1].copy()[::-1]
    want = _native.cutout(image, mask, isa=isa)
    assert (_native.cutout(image, wide[::2, ::2], isa=isa) == want).all()
    assert (_native.cutout(image, upside_down, isa=isa) == want).all()
    assert np.abs(want[..., 3] - 255 * exact_resize(mask, 700, 20)).max() <= ALPHA_BOUND


@LIGHTS
def test_rows_may_be_stretched_a_lot_or_not_at_all(isa: str, light: str) -> None:
    """Masks of few and of many rows: the stages go to and fro among eight of the picture's."""
    image = picture(200, 24)
    for rows in (1, 2, 3, 50, 199, 200, 201, 400, 2000):
        mask = draw("soft", rows, 9, np.float32)
        got = _native.portrait(image, mask, 6.0, light=light, isa=isa)
        want = exact_portrait(image, mask, 6.0, light=light)
        assert np.abs(got.astype(int) - to_bytes(want).astype(int)).max() <= 1


@DTYPES
@pytest.mark.parametrize("columns", [32765, 32766, 32767, 32768, 40001])
def test_masks_wider_than_16_bits_can_count(isa: str, columns: int, dtype: type) -> None:
    width = 40001
    mask = draw("soft", 1, columns, dtype)
    got = _native.cutout(np.zeros((1, width, 3), np.uint8), mask, isa=isa)[0, :, 3]
    at = (np.arange(width) + 0.5) * columns / width - 0.5
    full = 255 if dtype is np.float32 else 1
    want = full * np.interp(at, np.arange(columns), mask[0])
    # Positions are kept in single precision.
    assert np.abs(got - want).max() <= ALPHA_BOUND + 0.05
