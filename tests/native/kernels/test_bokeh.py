"""Portraits through an aperture: discs, polygons, and specular highlights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from tests.native.reference.aperture import portrait as exact_portrait
from tests.native.reference.aperture import shape
from tests.native.reference.light import to_linear

NOTHING = np.zeros((1, 1), np.float32)


def disc(image: NDArray[np.uint8], mask: NDArray[Any], radius: float, **more: Any) -> Any:
    return _native.portrait(image, mask, radius / 2, bokeh="disc", **more)


def noisy(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    rng = np.random.default_rng(11)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:24, :24] / 23.0 - 0.5
    return image, np.clip(1.6 - 5 * np.hypot(x, y), 0, 1).astype(np.float32)


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("blades", [0, 5, 6])
@pytest.mark.parametrize("radius", [0.4, 2, 5.3, 7.9])
def test_small_shapes_are_exact(isa: str, radius: float, blades: int, light: str) -> None:
    image, mask = noisy(45, 61)
    got = disc(image, mask, radius, blades=blades, light=light, isa=isa)
    want = exact_portrait(image, mask, radius, blades=blades, light=light)
    assert np.abs(got - want).max() <= 1.0


@pytest.mark.parametrize("blades", [0, 5, 6])
@pytest.mark.parametrize("radius", [1e-300, 1e-6, 1e-3, 0.015, 0.4])
def test_a_shape_within_one_pixel_changes_nothing(isa: str, radius: float, blades: int) -> None:
    image, _ = noisy(9, 14)
    assert (disc(image, NOTHING, radius, blades=blades, isa=isa) == image).all()


@pytest.mark.parametrize("blades", [0, 6, 7])
@pytest.mark.parametrize("radius", [8, 11.9, 12, 23])
def test_large_shapes_are_close(isa: str, radius: float, blades: int) -> None:
    """On noise, the hardest of pictures, and at the sharp edge of a subject."""
    image, mask = noisy(90, 120)
    got = disc(image, mask, radius, blades=blades, isa=isa)
    error = got - exact_portrait(image, mask, radius, blades=blades)
    assert 10 * np.log10(255**2 / np.mean(error**2)) >= 48
    assert np.abs(error).max() <= 6


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 3), (7, 90)])
@pytest.mark.parametrize("radius", [1, 8, 30, 1000])
def test_any_size_of_picture(isa: str, size: tuple[int, int], radius: float) -> None:
    image = np.full((*size, 3), (7, 128, 255), np.uint8)
    assert (disc(image, NOTHING, radius, isa=isa) == image).all()


@pytest.mark.parametrize("radius", [6, 10, 17, 33, 70])
def test_a_point_of_light_becomes_a_disc(isa: str, radius: float) -> None:
    side = int(5 * radius) // 2 * 2 + 1
    image = np.zeros((side, side, 3), np.uint8)
    dot = max(1, int(radius / 8))
    middle = side // 2
    image[middle - dot : middle + dot + 1, middle - dot : middle + dot + 1] = 255
    light = to_linear(disc(image, NOTHING, radius, isa=isa)[..., 0])
    total = (2 * dot + 1) ** 2
    assert light.sum() == pytest.approx(total, rel=0.02)
    y, x = np.mgrid[:side, :side] - middle
    # Half the light's height is reached at the radius; inside it is even, outside dark.
    flat = total / (np.pi * radius**2)
    assert np.sqrt((light > flat / 2).sum() / np.pi) == pytest.approx(radius, rel=0.04)
    distance = np.hypot(x, y)
    inner = light[distance < 0.7 * radius]
    assert inner.min() > 0.9 * flat
    assert inner.max() < 1.1 * flat
    assert light[distance > 1.45 * radius].max() < 0.02 * flat
    # The Gaussian that `sigma` is about has as much spread, sigma = radius / 2.
    spread = (light * x**2).sum() / light.sum() - ((2 * dot + 1) ** 2 - 1) / 12
    assert np.sqrt(spread) == pytest.approx(radius / 2, rel=0.03)


@pytest.mark.parametrize("blades", [5, 6, 7, 8, 9])
def test_blades_give_corners(blades: int) -> None:
    radius, side = 40.0, 201
    image = np.zeros((side, side, 3), np.uint8)
    image[97:104, 97:104] = 255
    light = to_linear(disc(image, NOTHING, radius, blades=blades)[..., 0])
    lit = light > light[100, 100] / 2
    angles = np.arange(720) / 720 * 2 * np.pi
    reach = [
        next(r for r in range(99, 0, -1) if lit[round(100 + r * s), round(100 + r * c)])
        for c, s in zip(np.cos(angles), np.sin(angles), strict=True)
    ]
    spectrum = np.abs(np.fft.rfft(np.array(reach) - np.mean(reach)))
    assert spectrum.argmax() == blades
    assert reach[0] > np.mean(reach)  # a corner to the right


def test_a_polygon_spreads_as_the_disc() -> None:
    """The reference itself: polygons have the disc's second moment."""
    for blades in (0, 5, 6, 9):
        kernel = shape(20.0, blades)
        x = np.arange(len(kernel)) - len(kernel) // 2
        assert (kernel * x**2).sum() == pytest.approx(100, rel=0.01)
        assert (kernel.T * x**2).sum() == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("light", ["linear", "srgb"])
@pytest.mark.parametrize("radius", [3, 9, 16, 80])
def test_the_subjects_colour_stays_out_of_the_background(
    isa: str, radius: float, light: str
) -> None:
    image = np.full((120, 160, 3), 128, np.uint8)
    matte = np.zeros((120, 160), np.uint8)
    image[40:80, 60:100] = (255, 0, 0)
    matte[40:80, 60:100] = 255
    got = disc(image, matte, radius, light=light, highlights=5.0, isa=isa).astype(int)
    background = matte == 0
    assert np.abs(got[background] - 128).max() <= 1
    assert (got[~background] == (255, 0, 0)).all()


@pytest.mark.parametrize("radius", [5, 14, 60])
def test_levels_and_threads_change_nothing(radius: float) -> None:
    image, mask = noisy(700, 600)
    image[image > 240] = 255
    image[100:300, 100:300] //= 3
    image[200:204, 200:204] = 255
    several = [_native.Threads(n, least_cost=1) for n in (2, 5)]
    calls: list[dict[str, Any]] = [{"isa": level} for level in _native.isa_levels()]
    calls += [{"threads": threads} for threads in several]
    got = {disc(image, mask, radius, highlights=5.0, blades=5, **call).tobytes() for call in calls}
    assert len(got) == 1
    assert [threads.ran for threads in several] == [2, 5]


def test_odd_strides() -> None:
    image, mask = noisy(80, 100)
    image[40:43, 60:63] = 255
    flipped = image[::-1, ::-2, ::-1]
    want = disc(np.ascontiguousarray(flipped), mask, 12, highlights=5.0)
    assert (disc(flipped, mask, 12, highlights=5.0) == want).all()


def night(highlight: tuple[int, int, int] = (255, 255, 255)) -> NDArray[np.uint8]:
    image = np.full((160, 200, 3), (20, 24, 40), np.uint8)
    image[78:83, 98:103] = highlight
    return image


@pytest.mark.parametrize("radius", [6, 20])
def test_a_highlight_shines(isa: str, radius: float) -> None:
    """A highlight of 25 pixels that counts six times: what it adds over the night is exact."""
    image = night()
    got = to_linear(disc(image, NOTHING, radius, highlights=5.0, isa=isa)[80, 100])
    dark = to_linear(image[0, 0])
    want = dark + (6.0 - dark) * 25 / (np.pi * radius**2)
    assert got == pytest.approx(np.minimum(want, 1), rel=0.03)


@pytest.mark.parametrize("strength", [0.0, 5.0])
def test_no_highlight_no_change(strength: float) -> None:
    plain = night((249, 249, 255))  # bright, but not cut off in all colours
    got = disc(plain, NOTHING, 16, highlights=strength)
    assert (got == disc(plain, NOTHING, 16)).all()


@pytest.mark.parametrize("scene", ["sky", "wall", "lettering", "panes"])
def test_what_is_white_but_no_highlight(scene: str) -> None:
    image = np.full((240, 320, 3), 90, np.uint8)
    if scene == "sky":
        image[:120] = 255
    elif scene == "wall":
        image[60:200, 40:300] = 255
    elif scene == "lettering":
        image[100:118, 20:300:8] = 255
        image[100:118, 21:300:8] = 255
        image[100:118, 22:300:8] = 255
    else:
        for k in range(3):
            image[20 + k : 220 : 24, 20:300] = 255
            image[20:220, 20 + k : 300 : 24] = 255
    got = disc(image, NOTHING, 20, highlights=5.0).astype(int)
    assert np.abs(got - disc(image, NOTHING, 20)).max() <= 1


def test_a_highlight_of_the_subjects_own_is_none_of_the_background() -> None:
    image = night()
    matte = np.zeros((160, 200), np.uint8)
    matte[70:90, 90:110] = 255
    assert (disc(image, matte, 16, highlights=5.0) == disc(image, matte, 16)).all()


def test_a_mask_beyond_its_range_ends_at_0_and_1(isa: str) -> None:
    image = night()
    mask = np.tile(np.array([-3.0, 0.5, 2.0, 0.0, 1.0], np.float32), (160, 40))
    got = disc(image, mask, 16, highlights=5.0, isa=isa)
    assert (got == disc(image, mask.clip(0, 1), 16, highlights=5.0, isa=isa)).all()


def test_highlights_need_light() -> None:
    """`highlights` has an effect on a blur in light only."""
    got = disc(night(), NOTHING, 16, highlights=5.0, light="srgb")
    assert (got == disc(night(), NOTHING, 16, light="srgb")).all()


def test_a_highlight_at_the_frame_is_not_drawn_out() -> None:
    """Borders are held, but the light added to a highlight is not repeated outside the image."""
    image = np.zeros((200, 200, 3), np.uint8)
    image[98:103, :3] = 255
    added = to_linear(disc(image, NOTHING, 16, highlights=5.0)) - to_linear(
        disc(image, NOTHING, 16)
    )
    assert added.max() <= 5 * 15 / (np.pi * 16**2) * 1.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bokeh": "swirl"}, "'gaussian' or 'disc', got 'swirl'"),
        ({"bokeh": "disc", "blades": 4}, "0 or 5 to 9, got 4"),
        ({"bokeh": "disc", "blades": 10}, "0 or 5 to 9, got 10"),
        ({"highlights": -1.0}, "0 to 100, got -1.0"),
        ({"highlights": float("nan")}, "0 to 100, got nan"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.portrait(night(), NOTHING, 3.0, **options)
