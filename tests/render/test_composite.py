"""What the passes over the pixels get, and how a cutout is put on a background and a shadow."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from defocus import Finish, Shadow, _native
from defocus.errors import ImageTooLargeError, ImageValueError, OptionError
from defocus.io.canvas import resample
from defocus.io.canvas.background import Background
from defocus.io.canvas.resample import placed
from defocus.options import Look
from defocus.pixels.boxes import Placement
from defocus.pixels.samples import Pixels
from defocus.render import composite, cutout_post, edges, placement, shadow
from tests.native.reference.light import to_linear, to_srgb

RNG = np.random.default_rng(11)
PIXELS = RNG.integers(0, 256, (12, 16, 3), np.uint8)
MATTE = np.tile(np.linspace(0, 255, 16).astype(np.uint8), (12, 1))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The keywords of the last call of each native pass."""
    seen: dict[str, dict[str, Any]] = {}

    def spy(name: str) -> None:
        real = getattr(_native, name)

        def record(*arguments: Any, **options: Any) -> Any:
            seen[name] = options
            return real(*arguments, **options)

        monkeypatch.setattr(_native, name, record)

    for name in ("portrait", "cutout", "guided_matte", "resize_bilinear", "blend"):
        spy(name)
    return seen


def test_the_look_reaches_the_native_pass(calls: dict[str, dict[str, Any]]) -> None:
    look = Look(bokeh="disc", blades=6, highlights=2.0)
    composite.portrait(PIXELS, MATTE, 2.0, look, 1, guided=False, unmixed=False)
    assert calls["portrait"] == {
        "light": "linear",
        "bokeh": "disc",
        "blades": 6,
        "highlights": 2.0,
        "guided": False,
        "unmixed": False,
        "rgbx": False,
        "threads": 1,
    }
    guide = np.ones((3, 4), np.float32)
    composite.portrait(PIXELS, guide, 2.0, Look(light="srgb"), 1, guided=True)
    assert calls["portrait"] == {
        "light": "srgb",
        "bokeh": "gaussian",
        "blades": 0,
        "highlights": 0.0,
        "guided": True,
        "unmixed": True,
        "rgbx": False,
        "threads": 1,
    }


def test_the_options_of_a_cutout_reach_the_native_pass(calls: dict[str, dict[str, Any]]) -> None:
    composite.cutout(PIXELS, MATTE, 1, guided=False)
    assert calls["cutout"] == {"guided": False, "unmixed": True, "threads": 1}
    composite.cutout(PIXELS, np.ones((3, 4), np.float32), 1, guided=True, unmixed=False)
    assert calls["cutout"] == {"guided": True, "unmixed": False, "threads": 1}


def test_the_matte_of_a_mask(calls: dict[str, dict[str, Any]]) -> None:
    assert composite.matte(PIXELS, MATTE, 1, guided=False) is MATTE
    small = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    wide = composite.matte(PIXELS, small, 1, guided=False)
    assert np.array_equal(wide, _native.resize_bilinear(small, 16, 12))
    composite.matte(PIXELS, small, 1, guided=False)
    assert calls["resize_bilinear"] == {"threads": 1}
    found = composite.matte(PIXELS, small, 1, guided=True)
    assert calls["guided_matte"] == {"threads": 1}
    assert np.array_equal(found, _native.guided_matte(PIXELS, small))


def rgba_of(full: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A cutout of every kind of alpha, and a background."""
    dtype = np.uint8 if full == 255 else np.uint16
    rgba = RNG.integers(0, full + 1, (40, 50, 4)).astype(dtype)
    rgba[:8, :, 3], rgba[8:16, :, 3] = 0, full
    rgba[16, :, 3], rgba[17, :, 3] = 1, full - 1
    return rgba, RNG.integers(0, full + 1, (40, 50, 3)).astype(dtype)


def light_of(samples: NDArray[Any], full: int, linear: bool) -> NDArray[np.float64]:
    return samples / full if linear else to_linear(samples * (255 / full))


def samples_of(light: NDArray[np.float64], full: int, linear: bool) -> NDArray[np.float64]:
    return np.asarray(light * full if linear else to_srgb(light) * (full / 255))


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("full", [255, 65535])
def test_over_mixes_light(full: int, linear: bool) -> None:
    rgba, behind = rgba_of(full)
    for background in (behind, behind[3, 4]):
        before = rgba.copy()
        result = composite.over(rgba, background, 1, linear=linear)
        assert np.array_equal(rgba, before)
        a = rgba[..., 3:] / full
        front = light_of(rgba[..., :3], full, linear)
        mixed = a * front + (1 - a) * light_of(
            np.broadcast_to(background, front.shape), full, linear
        )
        assert result.dtype == rgba.dtype
        assert np.abs(result - samples_of(mixed, full, linear)).max() <= 0.51 * max(1, full // 8191)
        clear, solid = rgba[..., 3] == 0, rgba[..., 3] == full
        assert np.array_equal(result[clear], np.broadcast_to(background, front.shape)[clear])
        assert np.array_equal(result[solid], rgba[..., :3][solid])


def test_over_uses_the_threads_it_is_given(calls: dict[str, dict[str, Any]]) -> None:
    rgba, behind = rgba_of(255)
    result = composite.over(rgba, behind, 1)
    assert calls["blend"] == {"threads": 1}
    assert np.array_equal(result, composite.over(rgba, behind, 1, linear=False))


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("full", [255, 65535])
def test_a_shadow_is_mixed_behind_the_subject(full: int, linear: bool) -> None:
    rgba, colours = rgba_of(full)
    colour, cast = colours[0, 0], Shadow(offset=(0, 0), blur=0, opacity=0.5)
    before = rgba.copy()
    result = shadow.cast(rgba, cast, colour, 1, linear=linear)
    assert np.array_equal(rgba, before)
    a = rgba[..., 3:] / full
    rest = (1 - a) * 0.5 * a  # the shadow is as dense as alpha
    whole = np.floor((a + rest) * full + 0.5)
    assert np.abs(result[..., 3:] - whole).max() <= (full > 255)
    light = a * light_of(rgba[..., :3], full, linear) + rest * light_of(colour, full, linear)
    shown = whole[..., 0] > full / 20
    want = samples_of(np.minimum(light[shown] * full / whole[shown], 1), full, linear)
    assert np.abs(result[..., :3][shown] - want).max() <= 0.51 * max(1, full // 4095)
    untouched = (rgba[..., 3] == full) | (rgba[..., 3] == 0)
    assert np.array_equal(result[untouched], rgba[untouched])


SQUARE = np.zeros((60, 80), np.uint8)
SQUARE[20:40, 30:60] = 255  # 30 x 20


def shadow_alpha(**options: Any) -> NDArray[np.uint8]:
    """Alpha of the square with a hard shadow."""
    rgba = np.dstack([np.zeros((60, 80, 3), np.uint8), SQUARE])
    black = np.zeros(3, np.uint8)
    options = {"blur": 0, "opacity": 1, "offset": (0, 0), **options}
    return np.asarray(shadow.cast(rgba, Shadow(**options), black, 1, linear=False)[..., 3])


def box_of(alpha: NDArray[Any]) -> tuple[int, ...]:
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


@pytest.mark.parametrize(
    ("options", "box"),
    [
        ({}, (30, 20, 60, 40)),
        ({"offset": (5, 3)}, (30, 20, 65, 43)),
        ({"offset": (-5, -3)}, (25, 17, 60, 40)),
        ({"offset": ("10%", "-10%")}, (30, 17, 63, 40)),
        ({"spread": 4}, (26, 16, 64, 44)),
        ({"spread": 1}, (29, 19, 61, 41)),
        ({"spread": -4, "offset": (6, 0)}, (30, 20, 62, 40)),
        ({"offset": (30, 30)}, (30, 20, 80, 60)),
        ({"kind": "contact"}, (30, 20, 60, 40)),
        ({"kind": "contact", "offset": (3, 2)}, (30, 20, 63, 42)),
        ({"kind": "contact", "spread": 3}, (27, 20, 63, 43)),
    ],
)
def test_where_a_shadow_falls(options: dict[str, Any], box: tuple[int, ...]) -> None:
    alpha = shadow_alpha(**options)
    assert box_of(alpha) == box
    assert np.unique(alpha).tolist() == [0, 255]


def test_a_shadow_beyond_the_frame_goes_on_at_the_edge() -> None:
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:, 5:15, 3] = 255
    moved = shadow.cast(
        rgba, Shadow(offset=(8, -4), blur=0, opacity=1), np.zeros(3, np.uint8), 1, linear=False
    )
    assert moved[1:, 13:, 3].all()
    assert not moved[0, :, 3].any()


def test_a_shadow_beyond_the_frame_is_that_of_the_first_row() -> None:
    rgba = np.zeros((20, 10, 4), np.uint8)
    rgba[0, :, 3] = 255
    moved = shadow.cast(
        rgba, Shadow(offset=(0, 5), blur=0, opacity=1), np.zeros(3, np.uint8), 1, linear=False
    )
    assert moved[:6, :, 3].all()
    assert not moved[6:, :, 3].any()


@pytest.mark.parametrize("height", [10, 20, 25, 50, 51])
def test_a_contact_shadow_is_flat_and_lies_around_the_lowest_row(height: int) -> None:
    alpha = np.zeros((80, 40), np.uint8)
    alpha[10 : 10 + height, 12:30] = 255
    alpha[10 : 10 + height // 2, 10] = 255  # something that is only in the upper half
    flat = shadow._flattened(alpha, 10, 10 + height)
    rows = np.flatnonzero(flat.any(axis=1))
    count = max(1, round(0.08 * height))
    assert rows.tolist() == [
        *range(10 + height - 2 * (count // 2), 10 + height - 2 * (count // 2) + count)
    ]
    assert flat[rows[0], 10] == 255
    assert flat[rows[-1], 12:30].all()
    assert (count == 1) == bool(flat[rows[-1], 10])


@pytest.mark.parametrize("height", [20, 50, 51])
def test_each_row_of_a_contact_shadow_shows_its_own_part_of_the_subject(height: int) -> None:
    alpha = np.zeros((80, 60), np.uint8)
    alpha[10 : 10 + height, :height] = np.eye(height, dtype=np.uint8) * 255
    flat = shadow._flattened(alpha, 10, 10 + height)
    count = round(0.08 * height)
    assert np.count_nonzero(flat) == height
    first = 10 + height - 2 * (count // 2)
    for row in range(count):
        columns = np.flatnonzero(flat[first + row])
        assert columns.tolist() == [*range(row * height // count, (row + 1) * height // count)]


def test_a_contact_shadow_below_the_frame_is_not_there() -> None:
    alpha = np.zeros((10, 8), np.uint8)
    alpha[2:, 3:5] = 255
    assert not shadow._flattened(alpha, 2, 10).any()
    alpha[9] = 0
    assert shadow._flattened(alpha, 2, 9)[9].any()


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_on_a_white_shadow_is_no_brighter_than_white(dtype: Any, linear: bool) -> None:
    full = np.iinfo(dtype).max
    rgba = np.full((1, 256, 4), full, dtype)
    rgba[..., 3] = np.arange(256)
    cast = Shadow(offset=(0, 0), blur=0, opacity=0.37)
    result = shadow.cast(rgba, cast, rgba[0, 0, :3], 1, linear=linear)
    a = rgba[..., 3] / full
    amount = a + (1 - a) * 0.37 * a
    bright = amount * full > result[..., 3]  # alpha was rounded down
    assert bright.sum() > 99
    assert (result[bright][:, :3] == full).all()


def test_a_shadow_and_a_feather_use_the_threads_they_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    real = _native.gaussian_blur

    def record(*arguments: Any, **options: Any) -> Any:
        seen.append(options)
        return real(*arguments, **options)

    monkeypatch.setattr(_native, "gaussian_blur", record)
    shadow.cast(cut(SQUARE), Shadow(blur=2), np.zeros(3, np.uint8), 1, linear=False)
    edges.edit(cut(SQUARE), Finish(feather=2), 1)
    assert seen == [{"threads": 1}] * 5


def test_a_dense_shadow_needs_half_a_step() -> None:
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[1:3, 1:3, 3] = 2
    cast = Shadow(offset=(0, 0), blur=0, opacity=0.2)  # .4 of a step
    assert np.array_equal(shadow.cast(rgba, cast, np.zeros(3, np.uint8), 1, linear=False), rgba)
    rgba[1:3, 1:3, 3] = 1
    cast = Shadow(offset=(2, 0), blur=0, opacity=0.5)
    assert np.array_equal(shadow.cast(rgba, cast, np.zeros(3, np.uint8), 1, linear=False), rgba)


# --- placement ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ({}, None),
        ({"crop": 0}, Placement((30, 20, 60, 40), (30, 20))),
        ({"crop": (1, 2, 3, 4)}, Placement((29, 18, 63, 44), (34, 26))),
        ({"crop": "10%"}, Placement((27, 17, 63, 43), (36, 26))),
        ({"crop": (40, 2, 40, 30)}, Placement((0, 18, 80, 60), (80, 42))),
        ({"crop": 100}, None),
        ({"max_size": 80}, None),
        ({"max_size": 40}, Placement((0, 0, 80, 60), (40, 30), (0.5, 0.5))),
        ({"max_size": 1}, Placement((0, 0, 80, 60), (1, 1), (1 / 80, 1 / 60))),
        ({"crop": 0, "max_size": 30}, Placement((30, 20, 60, 40), (30, 20))),
        ({"crop": 0, "max_size": 15}, Placement((30, 20, 60, 40), (15, 10), (0.5, 0.5))),
        ({"canvas": "square"}, Placement((30, 20, 60, 40), (30, 30), (1.0, 1.0), (0, 5))),
        (
            {"canvas": "square", "max_size": 45},
            Placement((30, 20, 60, 40), (30, 30), (1.0, 1.0), (0, 5)),
        ),
        (
            {"canvas": "square", "fill": 30 / 30.0000003},  # less than a millionth of a pixel more
            Placement((30, 20, 60, 40), (30, 30), (1.0, 1.0), (0, 5)),
        ),
        (
            {"canvas": "square", "max_size": 1},
            Placement((30, 20, 60, 40), (1, 1), (1 / 30, 1 / 30), (0.0, 1 / 6)),
        ),
        (
            {"canvas": "1:2", "fill": 0.5, "align": "top-left"},
            Placement((30, 20, 60, 40), (60, 120), (1.0, 1.0), (0, 0)),
        ),
        (
            {"canvas": "2:1", "crop": (1, 2, 3, 4), "align": "bottom-right"},
            Placement((30, 20, 60, 40), (52, 26), (1.0, 1.0), (19, 2)),
        ),
        (
            {"canvas": "square", "max_size": 15, "crop": 0},
            Placement((30, 20, 60, 40), (15, 15), (0.5, 0.5), (0.0, 2.5)),
        ),
        (
            {"canvas": "square", "crop": "10%", "max_size": 18},
            Placement((30, 20, 60, 40), (18, 18), (0.5, 0.5), (1.5, 4.0)),
        ),
        (
            {"canvas": (60, 60), "align": "bottom"},
            Placement((30, 20, 60, 40), (60, 60), (2.0, 2.0), (0.0, 20.0)),
        ),
        (
            {"canvas": (60, 60), "fill": 0.5, "align": "right"},
            Placement((30, 20, 60, 40), (60, 60), (1.0, 1.0), (30.0, 20.0)),
        ),
        (
            {"canvas": (70, 60), "crop": (5, 1, 5, 2), "align": "top"},
            Placement((30, 20, 60, 40), (70, 60), (2.0, 2.0), (5.0, 1.0)),
        ),
        (
            {"canvas": (72, 200), "crop": "10%", "align": "bottom"},
            Placement((30, 20, 60, 40), (72, 200), (2.0, 2.0), (6.0, 154.0)),
        ),
        (
            {"canvas": (200, 52), "crop": "10%", "align": "left"},
            Placement((30, 20, 60, 40), (200, 52), (2.0, 2.0), (6.0, 6.0)),
        ),
    ],
)
def test_placements(options: dict[str, Any], want: Placement | None) -> None:
    found = placement.placement(SQUARE, Finish(**options))
    if want is None or found is None:
        assert found is want
        return
    assert (found.box, found.size) == (want.box, want.size)
    assert found.scale == pytest.approx(want.scale)
    assert found.at == pytest.approx(want.at)


def test_a_canvas_has_no_more_pixels_than_allowed() -> None:
    finish = Finish(canvas="square", fill=0.5)  # 60 x 60
    assert placement.placement(SQUARE, finish, 3600) is not None
    with pytest.raises(ValueError, match="3599"):
        placement.placement(SQUARE, finish, 3599)
    placement.check_canvas(Finish(canvas=(60, 60)), 3600)
    placement.check_canvas(Finish(canvas="square"), 1)
    placement.check_canvas(Finish(), 1)
    with pytest.raises(ValueError, match="3599"):
        placement.check_canvas(Finish(canvas=(60, 60)), 3599)


def test_whole_pixels_stay_whole() -> None:
    odd = Finish(canvas="square", align="center")
    found = placement.placement(SQUARE[:, :59], odd)
    assert found is not None
    assert found.at == (0, 4)  # of 4.5
    assert found.exact


# --- the edge and what is hidden ------------------------------------------------------------------


def cut(alpha: NDArray[Any]) -> NDArray[Any]:
    full = 255 if alpha.dtype == np.uint8 else 65535
    return np.dstack([np.full((*alpha.shape, 3), full // 2, alpha.dtype), alpha])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_threshold_is_reached_from_below(dtype: Any) -> None:
    full = np.iinfo(dtype).max
    alpha = np.array([[0, 1, full // 2, full // 2 + 1, full]], dtype)
    for threshold, least in (
        (0.5, full // 2 + 1),
        (1, full),
        (1e-9, 1),
        (full // 2 / full, full // 2),
    ):
        rgba = cut(alpha)
        edges.edit(rgba, Finish(threshold=threshold), 1)
        assert np.array_equal(rgba[..., 3], np.where(alpha >= least, full, 0))


def test_growth_is_measured_by_the_longer_side() -> None:
    for grow, want in (("10%", 3), ("-10%", -3), (2, 2), (-2, -2), (1, 1), (-1, -1), (".5px", 0)):
        rgba = cut(SQUARE)
        edges.edit(rgba, Finish(grow=grow), 1)
        assert box_of(rgba[..., 3]) == (30 - want, 20 - want, 60 + want, 40 + want)
    nothing = cut(np.zeros_like(SQUARE))
    edges.edit(nothing, Finish(grow=3, feather=3), 1)
    assert not nothing[..., 3].any()
    gone = cut(SQUARE)
    edges.edit(gone, Finish(grow=-11, feather=3), 1)
    assert not gone[..., 3].any()


def test_a_feather_is_a_blur_of_alpha() -> None:
    rgba = cut(SQUARE)
    edges.edit(rgba, Finish(feather=2), 1)
    alpha = (SQUARE / 255).astype(np.float32)
    blurred = _native.gaussian_blur(alpha, 2.0, threads=1)
    assert np.abs(rgba[..., 3] - blurred * 255).max() <= 1
    wide = cut(SQUARE)
    edges.edit(wide, Finish(feather="10%"), 1)
    blurred = _native.gaussian_blur(alpha, 3.0, threads=1)
    assert np.abs(wide[..., 3] - blurred * 255).max() <= 1


def test_a_feather_has_its_whole_tail() -> None:
    rgba = cut(SQUARE.astype(np.uint16) * 257)
    edges.edit(rgba, Finish(feather=2), 1)
    blurred = _native.gaussian_blur((SQUARE / 255).astype(np.float32), 2.0, threads=1)
    assert np.abs(rgba[..., 3] - blurred * 65535).max() <= 1


@pytest.mark.parametrize("turns", range(4))
def test_a_feather_goes_to_the_frame(turns: int) -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:12, :15] = 255
    rgba = cut(np.ascontiguousarray(np.rot90(alpha, turns)))
    edges.edit(rgba, Finish(feather=2), 1)
    blurred = _native.gaussian_blur((alpha / 255).astype(np.float32), 2.0, threads=1)
    assert np.abs(np.rot90(rgba[..., 3], -turns) - blurred * 255).max() <= 1


def test_soft_pixels_are_mixed_with_the_subject_around_them() -> None:
    rgba = RNG.integers(1, 256, (60, 80, 4), np.uint8)
    rgba[SQUARE == 0, 3] = 0
    before = rgba.astype(np.float32)
    edges.edit(rgba, Finish(feather=2), 1)
    old = np.asarray(before[..., 3] / 255, np.float32)
    new = _native.gaussian_blur(old, 2.0, threads=1)
    shown = new > 0.05
    for channel in range(3):
        colours = before[..., channel]
        mixed = _native.gaussian_blur(np.asarray(colours * old, np.float32), 2.0, threads=1)
        want = (old * colours + (1 - old) * mixed / np.maximum(new, np.float32(1e-6)))[shown]
        assert np.abs(rgba[shown][:, channel] - want).max() <= 0.6


def test_what_stays_invisible_keeps_its_colour() -> None:
    rgba = cut(SQUARE)
    rgba[SQUARE == 0, :3] = (0, 200, 0)
    before = rgba.copy()
    edges.edit(rgba, Finish(feather=2), 1)
    hidden = rgba[..., 3] == 0
    assert np.array_equal(rgba[hidden], before[hidden])


def test_equal_growth_and_feather_are_both_applied() -> None:
    both, grown = cut(SQUARE), cut(SQUARE)
    edges.edit(both, Finish(grow=3, feather=3), 1)
    edges.edit(grown, Finish(grow=3), 1)
    edges.edit(grown, Finish(feather=3), 1)
    assert np.array_equal(both, grown)
    assert not np.array_equal(both, cut(SQUARE))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_floor_is_the_least_alpha_that_stays(dtype: Any) -> None:
    full = np.iinfo(dtype).max
    alpha = np.array([[0, 1, 9, 10, 11, full]] * 40, dtype)
    floors = ((0, 0), (1 / full, 0), (2 / full, 2), (10 / full, 10), (9.5 / full, 10), (1, full))
    for (floor, least), colour in itertools.product(floors, (0, full // 2, full)):
        rgba = cut(alpha)
        rgba[..., :3] = colour
        cutout_post.clean(rgba, rgba[..., :3], Finish(), floor)
        assert np.array_equal(rgba[..., 3], np.where(alpha >= least, alpha, 0))
        assert (rgba[..., :3] == colour).all()


def test_holes_are_filled_before_the_alpha_of_the_photograph_counts() -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[5:35, 5:35] = 255
    alpha[18:22, 18:22] = 0
    own = np.full((40, 40), 255, np.uint8)
    own[18:22, 18:22] = 100
    rgba, pixels = cut(alpha), np.full((40, 40, 3), 7, np.uint8)
    cutout_post.clean(rgba, pixels, Finish(fill_holes=0.1), 0.5, own)
    assert (rgba[18:22, 18:22] == (7, 7, 7, 0)).all()  # 100 is below the floor
    rgba = cut(alpha)
    cutout_post.clean(rgba, pixels, Finish(fill_holes=0.1), 0.1, own)
    assert (rgba[18:22, 18:22] == (7, 7, 7, 100)).all()


def test_a_hole_is_smaller_than_the_share_and_enclosed() -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[10:30, 10:30] = 255
    alpha[14:18, 14:18] = 229  # 16 of 384 pixels: below .9
    alpha[20:24, 20:24] = 230
    for share, filled in ((16 / 400, False), (16.1 / 400, True)):
        rgba = cut(alpha)
        cutout_post.clean(rgba, rgba[..., :3], Finish(fill_holes=share), 0)
        assert (rgba[14:18, 14:18, 3] == (255 if filled else 229)).all()
        assert (rgba[20:24, 20:24, 3] == 230).all()
        assert not rgba[:10, :, 3].any()
    # Alpha of half and less is no part of the subject.
    alpha[30:34, 10:30], alpha[34:38, 10:30] = 127, 100
    for share, filled in ((16 / 400, False), (16.1 / 400, True)):
        rgba = cut(alpha)
        cutout_post.clean(rgba, rgba[..., :3], Finish(fill_holes=share), 0)
        assert (rgba[14:18, 14:18, 3] == (255 if filled else 229)).all()
    # What is nearly solid stays, however large the share.
    alpha[10:30, 10:30] = 240
    alpha[14:18, 14:18] = 200
    rgba = cut(alpha)
    cutout_post.clean(rgba, rgba[..., :3], Finish(fill_holes=1), 0)
    assert (rgba[14:18, 14:18, 3] == 255).all()
    assert (rgba[10:14, 10:30, 3] == 240).all()
    # A hole that only a corner opens is enclosed.
    corner = np.full((9, 9), 255, np.uint8)
    corner[3:5, 3:5] = corner[2, 2] = corner[1, 1] = 0
    rgba = cut(corner)
    cutout_post.clean(rgba, rgba[..., :3], Finish(fill_holes=1), 0)
    assert (rgba[..., 3] == 255).all()


@pytest.mark.parametrize("turns", range(4))
def test_what_touches_the_frame_is_no_hole(turns: int) -> None:
    alpha = np.full((20, 30), 255, np.uint8)
    alpha[0, 10:13] = 0
    rgba = cut(np.ascontiguousarray(np.rot90(alpha, turns)))
    cutout_post.clean(rgba, rgba[..., :3], Finish(fill_holes=1), 0)
    assert np.array_equal(np.rot90(rgba[..., 3], -turns), alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_far_from_anything_visible_is_blank(dtype: Any) -> None:
    alpha = np.zeros((70, 90), dtype)
    alpha[40, 50] = 1  # in the block of rows 32 to 47 and columns 48 to 63
    rgba = cut(alpha)
    rgba[..., :3] = np.iinfo(dtype).max
    rgba[40, 50, :3] = 0
    cutout_post.blank(rgba)
    kept = np.zeros((70, 90), np.bool_)
    kept[16:64, 32:80] = True
    assert np.array_equal(rgba.any(axis=2), kept)
    assert rgba[40, 50, 3] == 1


# --- the background -------------------------------------------------------------------------------


def smooth(width: int, height: int) -> Pixels:
    """A picture whose samples tell where they are."""
    rows, columns = np.mgrid[:height, :width]
    return np.dstack([columns * 6, rows * 6, columns + rows]).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((10, 10), (5, 0, 35, 30)),
        ((20, 5), (0, 10, 40, 20)),
        ((5, 20), (16.25, 0, 23.75, 30)),
        ((80, 60), (0, 0, 40, 30)),
    ],
)
def test_the_middle_of_a_background_covers_the_cutout(
    size: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    picture = smooth(40, 30)
    want = Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC, box)
    behind = Background(picture)
    assert np.array_equal(behind.fit(size, np.dtype(np.uint8)), np.asarray(want))
    assert np.array_equal(behind.fit(size, np.dtype(np.uint16)), np.asarray(want) * np.uint16(257))


def test_a_deep_background_keeps_black_and_white() -> None:
    deep = np.zeros((8, 8, 3), np.uint16)
    deep[:, 4:] = 65535
    fitted = Background(deep).fit((16, 16), np.dtype(np.uint16))
    assert (fitted[:, 0] == 0).all()
    assert (fitted[:, 15] == 65535).all()
    assert (fitted[:, 9:] > 60000).all()  # the filter overshoots there


def test_backgrounds_that_are_refused() -> None:
    file = io.BytesIO()
    Image.fromarray(np.full((4, 5, 4), 127, np.uint8)).save(file, "PNG")
    with pytest.raises(ImageValueError, match="transparent"):
        Background(file.getvalue())
    with pytest.raises(ImageTooLargeError):
        Background(file.getvalue(), max_pixels=19)
    for colour in ((256, 0, 0), (0, 0, -1)):
        with pytest.raises(OptionError):
            Background(colour)


@pytest.mark.parametrize(("scale", "room", "off"), [(8, 6, 0.25), (0.1, 60, 2.5)])
def test_resized_alpha_is_that_of_a_bicubic_filter(scale: float, room: int, off: float) -> None:
    """Also beyond the box, as far as the filter reaches."""
    side = round(10 / min(scale, 1))
    alpha = np.asarray(np.random.default_rng(4).integers(0, 2, (side, side)) * 255, np.uint8)
    size, first, at = round((side + 2 * room) * scale), room + off, (room - off) * scale
    where = Placement((0, 0, side, side), (size, size), (scale, scale), (at, at))
    found = placed(cut(alpha), where)[..., 3]
    box = (first, first, first + size / scale, first + size / scale)
    wide = Image.fromarray(np.pad(alpha, 2 * room).astype(np.float32))
    want = np.asarray(wide.resize((size, size), Image.Resampling.BICUBIC, box))
    assert np.abs(found - np.clip(want, 0, 255)).max() <= 0.6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("linear", [False, True])
def test_resized_light(dtype: Any, linear: bool) -> None:
    full = np.iinfo(dtype).max
    rgba = np.full((32, 64, 4), full, dtype)
    rgba[:, ::2, :3] = full // 5
    rgba[:, 32:, :3] = 0
    rgba[:, 56:] = (full, full, full, 0)
    rgba[:, 62, 3] = 1  # a quarter of it is rounded to 0
    where = Placement((0, 0, 64, 32), (16, 8), (0.25, 0.25), (0.0, 0.0))
    found = placed(rgba, where, linear=linear)
    mean = (light_of(np.array(full // 5), full, linear) + 1) / 2
    assert np.abs(found[2:-2, 2:6, :3] - samples_of(mean, full, linear)).max() <= full / 100
    assert not found[:, 15].any()
    assert not found[found[..., 3] == 0].any()
    # White beside black is no brighter than white.
    rgba[:, :32, :3] = full
    assert (placed(rgba, where, linear=linear)[2:-2, :8, :3] > full * 0.9).all()


def test_pixels_are_averaged_in_pairs_below_a_sixteenth() -> None:
    alpha = np.zeros((100, 100), np.uint8)
    alpha[:50, :50] = 255
    where = Placement((0, 0, 100, 100), (6, 6), (0.06, 0.06), (0.0, 0.0))
    found = placed(cut(alpha), where)[..., 3]
    assert (found[:2, :2] > 200).all()
    assert not (found[4:] > 50).any()
    assert not (found[:, 4:] > 50).any()


def test_light_is_encoded_to_half_a_code() -> None:
    light = np.linspace(0, 0.02, 100001, dtype=np.float32)
    exact = to_srgb(light.astype(np.float64))
    assert np.abs(resample._encoded(light, 255) - exact).max() <= 0.53


def test_a_part_lies_where_its_place_says() -> None:
    rgba = cut(SQUARE)
    found = placed(rgba, Placement((30, 20, 60, 40), (30, 60), (1.0, 1.0), (0, 5)))
    assert found.shape == (60, 30, 4)
    assert box_of(found[..., 3]) == (0, 5, 30, 25)
    found = placed(rgba, Placement((30, 20, 60, 40), (90, 20), (1.0, 1.0), (5, 0)))
    assert found.shape == (20, 90, 4)
    assert box_of(found[..., 3]) == (5, 0, 35, 20)
