"""portrait(depth=, ramp=): blur that grows with distance, and does not leak between distances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus.options import Look
from defocus.render import layers

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def scene() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """A white subject at 2, a red board at 4, a blue wall at infinity, all striped."""
    image = np.empty((160, 240, 3), np.uint8)
    image[:], depth = BLUE, np.full((160, 240), np.inf, np.float32)
    image[40:120, 130:210], depth[40:120, 130:210] = RED, 4
    image[30:160, 30:80], depth[30:160, 30:80] = 255, 2
    image[::8] //= 2
    matte = np.where(depth == 2, 255, 0).astype(np.uint8)
    return image, matte, depth


def contrast(pixels: NDArray[Any]) -> float:
    """Of the stripes, where colours are even across."""
    return float(pixels.astype(float).mean(axis=1).std(axis=0).max())


def test_blur_grows_with_depth() -> None:
    image, matte, depth = scene()
    whole = defocus.portrait(image, matte=matte, sigma=3, depth=depth)
    half = defocus.portrait(image, matte=matte, sigma=1.5)
    board, wall = (slice(60, 100), slice(150, 190)), (slice(60, 100), slice(100, 120))
    # |1 - 2 / 4| = 1/2 of the blur on the board, all of it on the wall.
    assert contrast(whole[board]) == pytest.approx(contrast(half[board]), rel=0.15)
    assert contrast(whole[wall]) < 0.5 * contrast(half[wall])
    assert (whole[matte > 0] == image[matte > 0]).all()


def test_one_distance_is_the_plain_portrait() -> None:
    image, matte, depth = scene()
    depth[depth != 2] = np.inf
    looks: list[dict[str, Any]] = [{}, {"bokeh": "disc"}, {"light": "srgb"}]
    for options in looks:
        got = defocus.portrait(image, matte=matte, sigma=5, depth=depth, **options).astype(int)
        assert np.abs(got - defocus.portrait(image, matte=matte, sigma=5, **options)).max() <= 1


def test_nothing_leaks_between_distances() -> None:
    """What is at one distance has one colour; each must keep it, but for the outlines."""
    image, matte, depth = scene()
    image[depth == np.inf], image[depth == 4], image[depth == 2] = BLUE, RED, GREEN
    got = defocus.portrait(image, matte=matte, sigma=6, bokeh="disc", depth=depth).astype(int)
    # No green around the subject, and no hole between subject and wall.
    assert np.abs(got[:, :30] - BLUE).max() <= 1
    assert np.abs(got[:, 80:115] - BLUE).max() <= 1
    # The wall does not shine through the board, nor the board far onto the wall: its own blur is
    # a disc of radius 6.
    assert np.abs(got[54:106, 144:196] - RED).max() <= 2
    assert np.abs(got[:20] - np.where(matte[:20, :, np.newaxis] > 0, GREEN, BLUE)).max() <= 2
    assert (got[matte > 0] == GREEN).all()


def test_what_is_behind_the_subject_goes_on_behind_it() -> None:
    """A board right behind the subject's edge: no wall may show between the two."""
    image, matte, depth = scene()
    image[:], depth[:] = BLUE, np.inf
    image[20:140, 20:140], depth[20:140, 20:140] = RED, 4
    image[50:110, 50:110], depth[50:110, 50:110] = GREEN, 2
    matte = np.where(depth == 2, 255, 0).astype(np.uint8)
    got = defocus.portrait(image, matte=matte, sigma=6, depth=depth).astype(int)
    ring = np.zeros_like(matte, bool)
    ring[44:116, 44:116] = True
    assert np.abs(got[ring & (matte == 0)] - RED).max() <= 3


def test_the_depth_in_focus_stays_sharp() -> None:
    image, matte, depth = scene()
    depth[80:] = 2
    got = defocus.portrait(image, matte=matte, sigma=8, depth=depth)
    assert (got[90:] == image[90:]).all()
    assert contrast(got[:60, 90:120]) < 2


def test_a_depth_map_of_another_size_and_kind(tmp_path: Path) -> None:
    image, matte, depth = scene()
    finite = np.where(np.isinf(depth), 60000, depth * 100).astype(np.uint16)
    want = defocus.portrait(image, matte=matte, sigma=5, depth=finite)
    assert (defocus.portrait(image, matte=matte, sigma=5, depth=finite.astype(float)) == want).all()
    picture = Image.fromarray(finite)
    assert (defocus.portrait(image, matte=matte, sigma=5, depth=picture) == want).all()
    picture.save(tmp_path / "depth.png")
    assert (
        defocus.portrait(image, matte=matte, sigma=5, depth=tmp_path / "depth.png") == want
    ).all()
    small = defocus.portrait(image, matte=matte, sigma=5, depth=finite[::2, ::2])
    assert np.abs(small.astype(int) - want).mean() < 0.5


def test_ramp() -> None:
    image, matte, _ = scene()
    got = defocus.portrait(image, matte=matte, sigma=6, ramp=0.25)
    side = slice(215, 235)
    assert (got[matte > 0] == image[matte > 0]).all()
    assert contrast(got[2:40, side]) < 2
    contrasts = [contrast(got[y : y + 16, side]) for y in (80, 112, 144)]
    assert contrasts == sorted(contrasts)
    assert contrasts[-1] > 0.7 * contrast(image[144:160, side])


def test_coarse_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a subject that the network found; its outline is as fine as the picture."""
    image, matte, depth = scene()
    monkeypatch.setattr(layers, "_LONG_EDGE", 61)
    want = layers.portrait(image, matte, depth, 5.0, Look(), 1)
    got = layers.portrait(image, matte, depth, 5.0, Look(), 1, coarse=True)
    assert 0 < np.abs(got.astype(int) - want).mean() < 3
    assert (got[matte > 0] == image[matte > 0]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (3, 2), (7, 5)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 90, np.uint8)
    depth = np.ones(size, np.float32)
    for coarse in (False, True):
        got = layers.portrait(
            image, np.full(size, 255, np.uint8), depth, 5.0, Look(), 1, coarse=coarse
        )
        assert (got == image).all()


@pytest.mark.parametrize(
    ("shape", "size"),
    [((320, 480), (240, 160)), ((320, 480), (7, 5)), ((320, 480), (1, 1)), ((6, 10000), (5000, 3))],
)
def test_a_depth_of_the_pictures_proportions(shape: Any, size: Any) -> None:
    layers.check_depth(np.ones(shape, np.float32), size)
    with pytest.raises(defocus.ImageValueError):
        layers.check_depth(np.ones(shape, np.float32), (1000, 2000))


@pytest.mark.parametrize(
    ("depth", "message"),
    [
        (np.ones((160, 240, 3)), "one number per pixel"),
        (np.ones((160, 160)), "proportions"),
        (np.ones((0, 0)), "one number per pixel"),
        (np.ones((160, 240), bool), "one number per pixel"),
        (np.full((160, 240), np.nan), "NaN or negative"),
        (np.full((160, 240), -1.0), "NaN or negative"),
        (np.zeros((160, 240)), "at the subject"),
    ],
)
def test_a_bad_depth(depth: NDArray[Any], message: str) -> None:
    image, matte, _ = scene()
    with pytest.raises(defocus.ImageValueError, match=message):
        defocus.portrait(image, matte=matte, sigma=5, depth=depth)


def test_depth_or_ramp() -> None:
    image, matte, depth = scene()
    with pytest.raises(defocus.OptionError, match="depth and ramp"):
        defocus.portrait(image, matte=matte, sigma=5, depth=depth, ramp=0.3)
