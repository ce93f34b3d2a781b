"""The fused stages: equal to the slow pieces one after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded
from tests.native.reference.convert import to_bytes
from tests.native.reference.stages import cutout as exact_cutout
from tests.native.reference.stages import portrait as exact_portrait


def scene(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A noisy picture, and a small mask with a solid subject, a soft edge and a solid ground."""
    rng = np.random.default_rng(11)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:24, :24] / 23.0 - 0.5
    mask = np.clip(1.6 - 5 * np.hypot(x, y), 0, 1).astype(np.float32)
    return image, mask


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("sigma", [0.4, 2, 4, 6.5, 15, 60])
@pytest.mark.parametrize("size", [(60, 83), (1, 50), (50, 1), (1, 1), (96, 96)])
def test_portrait_equals_the_slow_pieces(
    isa: str, light: str, masked: bool, sigma: float, size: tuple[int, int]
) -> None:
    image, mask = scene(*size)
    got = _native.portrait(image, mask, sigma, masked=masked, light=light, isa=isa)
    want = exact_portrait(image, mask, sigma, masked=masked, light=light)
    # Within a level of the truth's rounding, as the blur itself.
    assert np.abs(got.astype(int) - to_bytes(want).astype(int)).max() <= 1


@pytest.mark.parametrize("options", [{}, {"light": "srgb", "masked": False}, {"bokeh": "disc"}])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("width", [1, 15, 85, 512, 1031])  # a tile has 512 pixels
def test_four_bytes_hold_three_and_255(
    isa: str, options: dict[str, Any], threads: int, width: int
) -> None:
    image, mask = scene(23, width)
    how = {**options, "isa": isa, "threads": _native.Threads(threads, least_cost=1)}
    want = _native.portrait(image, mask, 5.0, **how)
    guard = Guarded((23, width, 4), np.uint8)
    got = _native.portrait(image, mask, 5.0, rgbx=True, out=guard.view, **how)
    assert (got[..., :3] == want).all()
    assert (got[..., 3] == 255).all()
    assert guard.intact()


def test_four_bytes_are_for_bytes_only() -> None:
    image, mask = scene(5, 7)
    with pytest.raises(TypeError):
        _native.portrait(image.astype(np.uint16), mask, 5.0, rgbx=True)
    with pytest.raises(ValueError, match="out"):
        _native.portrait(image, mask, 5.0, rgbx=True, out=np.empty_like(image))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_cutout_equals_the_slow_pieces(isa: str, dtype: type) -> None:
    image, mask = scene(41, 67)
    small = (mask * 255).astype(np.uint8) if dtype is np.uint8 else mask
    got = _native.cutout(image, small, isa=isa)
    want = exact_cutout(image, small)
    assert (got[..., :3] == image).all()
    assert np.abs(got[..., 3] - want[..., 3]).max() <= 0.5 + 255 / 16384


@pytest.mark.parametrize("sigma", [2, 15])
def test_all_levels_give_the_same_bytes(sigma: float) -> None:
    image, mask = scene(61, 85)
    levels = _native.isa_levels()
    for light in ("linear", "srgb"):
        for masked in (True, False):
            results = {
                _native.portrait(image, mask, sigma, masked=masked, light=light, isa=x).tobytes()
                for x in levels
            }
            assert len(results) == 1
    assert len({_native.cutout(image, mask, isa=x).tobytes() for x in levels}) == 1


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("masked", [True, False])
def test_subject_pixels_keep_their_bytes(isa: str, light: str, masked: bool) -> None:
    image, mask = scene(200, 150)
    alpha = _native.resize_bilinear(mask, 150, 200, isa=isa)
    got = _native.portrait(image, mask, 9.0, masked=masked, light=light, isa=isa)
    solid = alpha == 1.0
    assert solid.sum() > 500
    assert (got[solid] == image[solid]).all()


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("sigma", [1.5, 3, 8, 40])
def test_the_subjects_colour_stays_out_of_the_background(
    isa: str, sigma: float, light: str
) -> None:
    """A strongly red subject on grey: beyond rounding, no red may appear around it."""
    image = np.full((120, 160, 3), 128, np.uint8)
    matte = np.zeros((120, 160), np.uint8)
    image[40:80, 60:100] = (255, 0, 0)
    matte[40:80, 60:100] = 255
    got = _native.portrait(image, matte, sigma, light=light, isa=isa).astype(int)
    background = matte == 0
    assert np.abs(got[background] - 128).max() <= 1
    assert (got[~background] == (255, 0, 0)).all()


def test_all_background_is_the_plain_blur(isa: str) -> None:
    image, _ = scene(50, 70)
    nothing = np.zeros((3, 3), np.float32)
    plain = _native.gaussian_blur(image, 6.0, isa=isa)
    for masked in (True, False):
        got = _native.portrait(image, nothing, 6.0, masked=masked, light="srgb", isa=isa)
        assert np.abs(got.astype(int) - plain).max() <= (1 if masked else 0)


def test_out_and_odd_strides(isa: str) -> None:
    image, mask = scene(40, 50)
    flipped = image[::-1, ::-2, ::-1]
    want = _native.portrait(np.ascontiguousarray(flipped), mask, 5.0, isa=isa)
    out = Guarded((40, 25, 3), np.uint8)
    _native.portrait(flipped, mask, 5.0, out=out.view, isa=isa)
    assert (out.view == want).all()
    assert out.intact()
    want = _native.cutout(np.ascontiguousarray(flipped), mask, isa=isa)
    assert (_native.cutout(flipped, mask, isa=isa) == want).all()


def test_inputs_are_not_modified(isa: str) -> None:
    image, mask = scene(40, 50)
    image.setflags(write=False)
    mask.setflags(write=False)
    before = image.tobytes(), mask.tobytes()
    _native.portrait(image, mask, 5.0, isa=isa)
    _native.cutout(image, mask, isa=isa)
    assert (image.tobytes(), mask.tobytes()) == before


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("sigma", [2, 7, 30])
def test_threads_change_nothing(sigma: float, count: int) -> None:
    image, mask = scene(310, 290)
    calls: list[Callable[[int | _native.Threads], NDArray[Any]]] = [
        lambda n: _native.portrait(image, mask, sigma, threads=n),
        lambda n: _native.portrait(image, mask, sigma, light="srgb", threads=n),
        lambda n: _native.portrait(image, mask, sigma, masked=False, light="srgb", threads=n),
        lambda n: _native.portrait(image, mask, sigma, guided=True, unmixed=True, threads=n),
        lambda n: _native.portrait(image.astype(np.uint16), mask, sigma, threads=n),
        lambda n: _native.cutout(image, mask, threads=n),
        lambda n: _native.cutout(image, mask, guided=True, unmixed=True, threads=n),
        lambda n: _native.gaussian_blur(image, sigma, threads=n),
        lambda n: _native.gaussian_blur(image.astype(np.float32), sigma, threads=n),
        lambda n: _native.resize_bilinear(mask, 290, 310, threads=n),
        lambda n: _native.blend(image, image[::-1], image[..., 0], threads=n),
    ]
    for call in calls:
        threads = _native.Threads(count, least_cost=1)
        assert call(threads).tobytes() == call(1).tobytes()
        # Of very many, as many as there is memory for.
        assert min(count, 7) <= threads.ran <= count


def test_a_light_that_is_none() -> None:
    image, mask = scene(4, 4)
    with pytest.raises(ValueError, match="'linear' or 'srgb', got 'dark'"):
        _native.portrait(image, mask, 3.0, light="dark")


@functools.cache
def hard_scene(pattern: str, shape: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A black and white ground, and a subject without a soft edge."""
    y, x = np.mgrid[:160, :200]
    noise = np.random.default_rng(1).integers(0, 2, (160, 200))
    ground = {"noise": noise, "stripes": x // 9 % 2, "step": y > 75}[pattern]
    distance = np.hypot(x - 100, y - 80)
    subject = {"disc": distance < 50, "hole": distance > 20, "bars": y // 20 % 2}[shape]
    image = np.repeat(ground[..., np.newaxis] * 255, 3, axis=2).astype(np.uint8)
    return image, np.asarray(subject * 255, np.uint8)


@functools.cache
def hard_truth(pattern: str, shape: str, sigma: float, light: str) -> NDArray[np.float64]:
    return exact_portrait(*hard_scene(pattern, shape), sigma, light=light)


@pytest.mark.parametrize("pattern", ["noise", "stripes", "step"])
@pytest.mark.parametrize("shape", ["disc", "hole", "bars"])
@pytest.mark.parametrize("sigma", [4, 6, 8, 15, 16])
@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_hard_edges_on_busy_grounds(
    isa: str, pattern: str, shape: str, sigma: float, light: str
) -> None:
    """Where the division and the curve, which are done on the grid, change most from cell to cell.

    At sigma 4, 8 and 16 the grid is as coarse as it gets.
    """
    got = _native.portrait(*hard_scene(pattern, shape), sigma, light=light, isa=isa)
    off = np.abs(got - hard_truth(pattern, shape, sigma, light))
    # .5 of which is rounding; dark values are further apart in light.
    assert off.max() <= (0.95 if light == "linear" else 0.7)
