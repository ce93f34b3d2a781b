"""The refined matte and the unmixed colours of whole pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from hard_pictures import SIZES as SIZES_OF_HARD_PICTURES
from hard_pictures import hard_pictures
from tests.native.reference import refine
from tests.native.reference.light import to_linear, to_srgb


def picture(height: int, width: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:height, :width] / max(height, width)
    colours = np.stack([x, y, 1 - x], -1) * 200 + rng.uniform(0, 55, (height, width, 3))
    return colours.astype(np.uint8)


def blob() -> NDArray[np.float32]:
    y, x = np.mgrid[:32, :32] / 31.0 - 0.5
    return np.asarray(np.clip(1.6 - 5 * np.hypot(x, y), 0, 1), np.float32)


SIZES = [(1, 1), (1, 60), (60, 1), (43, 70), (70, 350), (347, 90), (705, 40), (1, 2730), (30, 3100)]


@pytest.mark.parametrize("size", SIZES)
def test_guided_matte_against_the_definition(isa: str, size: tuple[int, int]) -> None:
    image = picture(*size)
    for mask in (blob(), (blob() * 255).astype(np.uint8)):
        got = _native.guided_matte(image, mask, isa=isa)
        assert np.abs(got - refine.guided_matte(image, mask)).max() <= 1e-3


@pytest.mark.parametrize("size", SIZES_OF_HARD_PICTURES[::6], ids=str)
def test_no_matte_leaves_0_to_1(isa: str, size: tuple[int, int], rng: np.random.Generator) -> None:
    hard = (rng.random((9, 7)) > 0.5).astype(np.float32)
    for name, image in hard_pictures(*size):
        for mask in (hard, blob(), np.ones((3, 3), np.float32)):
            got = _native.guided_matte(image, mask, isa=isa)
            assert got.min() >= 0, name  # neither of which a NaN is
            assert got.max() <= 1, name


@pytest.mark.parametrize("size", SIZES)
def test_unmix_against_the_definition(isa: str, size: tuple[int, int]) -> None:
    image = picture(*size)
    height, width = size
    matte = _native.resize_bilinear(blob(), width, height)
    alpha = np.floor(matte * 16384 + 0.5) / 16384  # what the kernels see
    front, back = _native.unmix(image, matte, isa=isa)
    want_front, _ = refine.unmix(image, alpha)
    assert np.abs(front - want_front).max() <= 1.1
    a = alpha[..., None]
    soft = ((a > 0) & (a < 1))[..., 0]
    light = np.clip((to_linear(image) - a * to_linear(front)) / np.maximum(1 - a, 1e-6), 0, 1)
    off = (1 - a) * np.abs(to_linear(back) - light)
    assert (off <= 0.0009 + 0.0046 * (1 - a))[soft].all()
    assert (back[~soft] == image[~soft]).all()


def test_levels_and_threads_give_the_same_bytes() -> None:
    image = picture(250, 900)[::-1, ::2]  # a view
    results, colours = set(), set()
    for level in _native.isa_levels():
        for count in (1, 2, 3):
            guiding, unmixing = (_native.Threads(count, least_cost=1) for _ in range(2))
            matte = _native.guided_matte(image, blob(), threads=guiding, isa=level)
            results.add(matte.tobytes())
            front, back = _native.unmix(image, matte, threads=unmixing, isa=level)
            colours.add(front.tobytes() + back.tobytes())
            assert guiding.ran == unmixing.ran == count
    assert len(results) == 1
    assert len(colours) == 1


def disc(size: int, radius: float, softness: float) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return np.asarray(np.clip((radius - np.hypot(x, y)) / softness + 0.5, 0, 1))


def mixed(alpha: NDArray[np.float64], front: list[int], back: list[int]) -> NDArray[np.uint8]:
    """An image whose soft edge mixes light."""
    a = alpha[..., None]
    light = a * to_linear(np.array(front)) + (1 - a) * to_linear(np.array(back))
    return np.floor(to_srgb(light) + 0.5).astype(np.uint8)


def small_mask(alpha: NDArray[np.float64], shift: int) -> NDArray[np.float32]:
    """A network's idea of it: a tenth of the size, soft, and not quite in place."""
    size = alpha.shape[0] // 10
    coarse = np.roll(alpha, shift, axis=1).reshape(size, 10, size, 10).mean(axis=(1, 3))
    return np.asarray(coarse, np.float32)


def test_the_edge_follows_the_photograph() -> None:
    alpha = disc(640, 180, 2)
    image = mixed(alpha, [200, 120, 60], [40, 80, 120])
    mask = small_mask(alpha, 3)
    before = np.abs(_native.resize_bilinear(mask, 640, 640) - alpha).sum()
    after = np.abs(_native.guided_matte(image, mask) - alpha).sum()
    assert after <= 0.2 * before


def test_what_is_filled_in_unseen_against_the_definition(isa: str) -> None:
    alpha = disc(700, 200, 2)  # cells of two pixels, most of which are certain
    image = mixed(alpha, [200, 120, 60], [40, 80, 120])
    mask = small_mask(alpha, 0)
    got = _native.guided_matte(image, mask, isa=isa)
    assert np.abs(got - refine.guided_matte(image, mask)).max() <= 1e-3


def islands(height: int, width: int) -> NDArray[np.float32]:
    """Nearly certain masks with noise, a wide edge between them, and single uncertain places."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:height, :width]
    right = x - 0.6 * width - 0.1 * width * np.sin(y / 25)
    low = y - 0.7 * height - 0.1 * height * np.sin(x / 25)
    side = np.clip(np.maximum(right, low) / 9 + 0.5, 0, 1)
    noise = rng.uniform(0, 0.014, side.shape)
    mask = np.where(side < 0.5, np.maximum(side, noise), np.minimum(side, 1 - noise))
    for row, column, value in ((0, 0, 0.4), (-1, -1, 0.6), (height // 2, width // 4, 0.5)):
        mask[row, column] = value
    return np.asarray(mask, np.float32)


def speckled(height: int, width: int) -> NDArray[np.uint8]:
    """Two colours, and among them pixels as dark and as bright as a byte can be."""
    rng = np.random.default_rng(6)
    image = picture(height, width) // 4
    image[islands(height, width) > 0.5] += 150
    some = rng.random(image.shape) < 0.2
    image[some] = rng.choice([0, 255], some.sum())
    return image


@pytest.mark.parametrize("of", [picture, speckled])
@pytest.mark.parametrize("size", [(300, 200), (130, 339), (700, 90), (160, 1400), (1700, 400)])
def test_what_is_computed_near_edges_only_against_the_definition(
    isa: str, size: tuple[int, int], of: Callable[[int, int], NDArray[np.uint8]]
) -> None:
    """Grids of one half and of two, cells of one pixel, of two, and of four."""
    image, mask = of(*size), islands(*size)
    want = refine.guided_matte(image, mask)
    assert 0.2 < ((want == 0) | (want == 1)).mean() < 0.99
    matte = _native.guided_matte(image, mask, isa=isa)
    assert np.abs(matte - want).max() <= 1e-3
    rgba = _native.cutout(image, mask, guided=True, unmixed=True, isa=isa)
    off = np.abs(rgba[..., :3] - refine.guided_foreground(image, mask))
    assert off[matte > 0].max() <= 0.6


def test_windows_of_windows_are_near(isa: str) -> None:
    """A stripe of the other colour, so far inside that only a window beside it sees the edge."""
    for rows, columns, edge in ((90, 500, 264), (500, 90, 44)):  # windows of nine cells
        y, x = np.mgrid[:rows, :columns]
        for turned in (False, True):
            along = y if turned else x
            mask = (along >= edge).astype(np.float32)
            stripe = (along >= edge + 4) & (along < edge + 8)
            colour = (
                np.where((mask > 0) & ~stripe, 200, 60)[..., None] + picture(rows, columns) // 32
            )
            image = colour.astype(np.uint8)
            for each in (mask, 1 - mask):
                want = refine.guided_matte(image, each)
                got = _native.guided_matte(image, each, isa=isa)
                assert np.abs(got - want).max() <= 1e-3


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (400, 1), (150, 170), (1033, 700)])
def test_threads_and_levels_give_the_same_cells(size: tuple[int, int]) -> None:
    image, mask = picture(*size), islands(*size)
    results = set()
    for level in _native.isa_levels():
        for count in (1, 2, 3, 8):
            threads = _native.Threads(count, least_cost=1)
            recipe: dict[str, Any] = {"guided": True, "unmixed": True, "isa": level}
            results.add(_native.cutout(image, mask, threads=threads, **recipe).tobytes())
    assert len(results) == 1


def test_certain_pixels_are_exactly_certain() -> None:
    alpha = disc(640, 180, 2)
    image = mixed(alpha, [200, 120, 60], [40, 80, 120])
    image += np.random.default_rng(1).integers(0, 9, image.shape, dtype=np.uint8)
    matte = _native.guided_matte(image, small_mask(alpha, 0))
    assert (matte[disc(640, 160, 1) == 1] == 1).all()
    assert (matte[disc(640, 200, 1) == 0] == 0).all()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_mask_of_one_value_stays(value: float) -> None:
    matte = _native.guided_matte(picture(90, 130), np.full((8, 8), value, np.float32))
    assert (matte == value).all()


def test_unmixing_finds_both_colours() -> None:
    front, back = [200, 120, 60], [40, 80, 120]
    alpha = disc(640, 180, 24)
    image = mixed(alpha, front, back)
    foreground, background = _native.unmix(image, alpha.astype(np.float32))
    clear = (alpha > 0.25) & (alpha < 0.75)
    mixture = np.abs(image[clear].astype(int) - front).mean()
    assert np.abs(foreground[clear].astype(int) - front).mean() <= 0.35 * mixture
    mixture = np.abs(image[clear].astype(int) - back).mean()
    assert np.abs(background[clear].astype(int) - back).mean() <= 0.35 * mixture
    certain = (alpha == 0) | (alpha == 1)
    assert (foreground[certain] == image[certain]).all()
    assert (background[certain] == image[certain]).all()


def test_both_colours_mixed_again_are_the_picture() -> None:
    image = picture(320, 480)
    alpha = _native.resize_bilinear(blob(), 480, 320)
    foreground, background = _native.unmix(image, alpha)
    a = alpha[..., None].astype(np.float64)
    light = a * to_linear(foreground) + (1 - a) * to_linear(background)
    bounded = (background > 0) & (background < 255)
    assert np.abs(to_srgb(light) - image)[bounded].max() <= 1.5


def test_inputs_stay_as_they_are() -> None:
    image, mask = picture(60, 80), blob()
    kept, kept_mask = image.copy(), mask.copy()
    matte = _native.guided_matte(image, mask)
    _native.unmix(image, matte)
    assert (image == kept).all()
    assert (mask == kept_mask).all()


def test_bad_arrays_are_refused() -> None:
    image, mask = picture(10, 12), blob()
    with pytest.raises(TypeError):
        _native.guided_matte(image.astype(np.float32), mask)
    with pytest.raises(ValueError, match="mask"):
        _native.guided_matte(image, image)
    with pytest.raises(ValueError, match="out"):
        _native.guided_matte(image, mask, out=np.empty((3, 3), np.float32))
