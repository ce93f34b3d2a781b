"""Shaping a cutout: threshold, grow, feather, crop, canvas, max_size, shadow, background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import defocus
from defocus import Finish, Shadow
from defocus.cli.command import main
from defocus.io.canvas.resample import placed
from defocus.options.canvas import ALIGNMENTS
from defocus.pixels.boxes import Placement, visible_box
from defocus.render.edges import grown
from defocus.render.placement import placement
from tests.native.reference.light import to_linear, to_srgb

Bytes = NDArray[np.uint8]


def disc(radius: float, size: int = 101, full: int = 255) -> NDArray[Any]:
    rows, columns = np.mgrid[:size, :size]
    inside = np.hypot(rows - size // 2, columns - size // 2) <= radius
    return np.asarray(inside * full, np.uint8 if full == 255 else np.uint16)


def block(width: int, height: int, left: int, top: int) -> Bytes:
    alpha = np.zeros((120, 160), np.uint8)
    alpha[top : top + height, left : left + width] = 255
    return alpha


def photo_of(alpha: NDArray[Any]) -> NDArray[Any]:
    """Red where the subject is, green elsewhere."""
    image = np.zeros((*alpha.shape, 3), alpha.dtype)
    image[..., 1] = np.iinfo(alpha.dtype).max
    image[alpha > 0] = (np.iinfo(alpha.dtype).max, 0, 0)
    return image


def cut(alpha: NDArray[Any], **options: Any) -> NDArray[Any]:
    result: NDArray[Any] = defocus.cutout(photo_of(alpha), matte=alpha, effort="fast", **options)
    return result


# --- the edge -------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [255, 65535])
@pytest.mark.parametrize("radius", [1, 1.5, 3, 7.25])
def test_grown_is_the_maximum_in_a_disc(radius: float, full: int) -> None:
    random = np.random.default_rng(7)
    dtype = np.uint8 if full == 255 else np.uint16
    plane: NDArray[Any] = random.integers(0, full, (300, 23)).astype(dtype)
    slow = np.zeros_like(plane)
    reach = int(radius)
    padded = np.pad(plane, reach)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if down**2 + right**2 <= radius**2:
                part = padded[reach + down :, reach + right :][: plane.shape[0], : plane.shape[1]]
                slow = np.maximum(slow, part)
    assert np.array_equal(grown(plane, radius), slow)


def test_a_large_disc_is_round_to_two_pixels() -> None:
    plane = np.zeros((501, 501), np.uint8)
    plane[250, 250] = 255
    rows, columns = np.mgrid[:501, :501]
    away = np.hypot(rows - 250, columns - 250)
    for radius in (60, 150, 230):
        inside = grown(plane, radius) == 255
        assert inside[away <= radius - 2].all()
        assert not inside[away >= radius + 2].any()


@pytest.mark.parametrize("full", [255, 65535])
def test_grow_then_shrink_restores_a_disc(full: int) -> None:
    start = disc(25, full=full)
    wide = cut(start, grow=9)[..., 3]
    assert (wide == disc(34, full=full)).mean() > 0.99
    assert (cut(wide, grow=-9)[..., 3] == start).mean() > 0.998
    share = cut(start, grow="20%")[..., 3]  # of 51 pixels
    assert np.array_equal(share, cut(start, grow=0.2)[..., 3])
    assert np.array_equal(share, cut(start, grow="10.2px")[..., 3])


def test_what_grows_shows_the_photograph() -> None:
    result = cut(disc(25), grow=5)
    ring = (disc(29) > 0) & (disc(26) == 0)
    assert (result[ring] == (0, 255, 0, 255)).all()


def test_a_subject_does_not_shrink_where_the_frame_cuts_it() -> None:
    alpha = block(60, 120, 50, 0)
    result = cut(alpha, grow=-4)[..., 3]
    assert visible_box(result) == (54, 0, 106, 120)


def test_a_subject_may_vanish() -> None:
    assert not cut(disc(5), grow=-30).any()
    assert cut(disc(5), grow=-30, crop=3, max_size=50).shape == (50, 50, 4)
    assert not cut(np.zeros((9, 9), np.uint8), grow=3, feather=2, canvas="square").any()


@pytest.mark.parametrize("full", [255, 65535])
def test_feathered_pixels_have_the_colour_of_the_subject(full: int) -> None:
    result = cut(disc(25, full=full), feather=4)
    alpha = result[..., 3].astype(float) / full
    assert alpha[50, 50] == 1
    assert alpha[50, 75] == pytest.approx(0.5, abs=0.06)
    visible = alpha > 0.02
    assert visible.sum() > (disc(25) > 0).sum() * 1.2
    assert (result[visible][:, 0] >= full * 0.98).all()
    assert (result[visible][:, 1] <= full * 0.02).all()


def test_threshold_makes_two_values() -> None:
    alpha = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    result = cut(alpha, threshold=0.5)[..., 3]
    assert np.array_equal(result[0], np.where(np.arange(256) >= 128, 255, 0))
    assert np.array_equal(
        cut(alpha, threshold=1.0)[0, :, 3], np.where(np.arange(256) == 255, 255, 0)
    )


def test_the_edge_is_that_of_a_matte_too() -> None:
    alpha = disc(25)
    for option in ({"grow": 3}, {"feather": 2.5}, {"threshold": 0.3}):
        matte = cut(alpha, matte_only=True, **option)
        assert np.array_equal(matte, cut(alpha, **option)[..., 3])


def test_transparent_photographs_keep_their_holes_unless_they_grow() -> None:
    alpha = block(60, 60, 40, 30)
    rgba = np.dstack([photo_of(alpha), alpha])
    rgba[50:60, 60:70] = 0
    result = defocus.cutout(rgba, matte=np.full(alpha.shape, 255, np.uint8), threshold=0.5)
    assert not result[50:60, 60:70, 3].any()
    filled = defocus.cutout(rgba, matte=np.full(alpha.shape, 255, np.uint8), grow=6)
    assert (filled[50:60, 60:70, 3] == 255).all()
    assert (filled[50:60, 60:70, 0] > 250).all(), "what was hidden has a colour of its own"


# --- the geometry ---------------------------------------------------------------------------------

boxes = st.tuples(
    st.integers(5, 90), st.integers(5, 80), st.integers(0, 60), st.integers(0, 40)
)  # width, height, left, top


@given(
    box=boxes,
    canvas=st.tuples(st.integers(40, 300), st.integers(40, 300)),
    fill=st.floats(0.3, 1.0),
    align=st.sampled_from(ALIGNMENTS),
)
def test_the_subject_lies_where_canvas_fill_and_align_say(
    box: tuple[int, int, int, int], canvas: tuple[int, int], fill: float, align: str
) -> None:
    alpha = block(*box)
    scale = min(fill * whole / side for whole, side in zip(canvas, box[:2], strict=True))
    assume(scale * min(box[:2]) >= 4)  # a thinner subject has no opaque pixel
    finish = Finish(canvas=canvas, fill=fill, align=align)  # type: ignore[arg-type]
    where = placement(alpha, finish)
    assert where is not None
    result = placed(np.dstack([photo_of(alpha), alpha]), where)
    assert result.shape == (canvas[1], canvas[0], 4)
    solid = visible_box(np.where(result[..., 3] >= 128, 1, 0).astype(np.uint8))
    for axis, (start, end) in enumerate((("left", "right"), ("top", "bottom"))):
        side = scale * box[axis]
        room = canvas[axis] - side
        first = 0.0 if start in align else room if end in align else room / 2
        # A pixel, or where the subject is enlarged, a sixteenth of its own pixel.
        assert abs(solid[axis] - first) <= max(1.0, scale / 16)
        assert abs(solid[axis + 2] - (first + side)) <= max(1.0, scale / 16)


@given(box=boxes, fill=st.floats(0.2, 1.0), ratio=st.sampled_from(["square", "4:5", "16:9", "1:3"]))
def test_a_ratio_moves_pixels_only(box: tuple[int, int, int, int], fill: float, ratio: str) -> None:
    alpha = block(*box)
    where = placement(alpha, Finish(canvas=ratio, fill=fill))
    assert where is not None
    assert where.exact
    width, height = where.size
    wanted = {"square": 1.0, "4:5": 0.8, "16:9": 16 / 9, "1:3": 1 / 3}[ratio]
    assert abs(width - wanted * height) <= 1 + wanted
    share = max(box[0] / width, box[1] / height)
    assert share <= fill + 1e-9
    assert share >= fill * (1 - 2 / min(box[:2]))
    rgba = np.dstack([photo_of(alpha), alpha])
    result = placed(rgba, where)
    left, top, right, bottom = visible_box(result[..., 3])
    assert np.array_equal(
        result[top:bottom, left:right], rgba[box[3] : box[3] + box[1], box[2] : box[2] + box[0]]
    )


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"crop": 0}, (40, 20)),
        ({"crop": 10}, (60, 40)),
        ({"crop": "10px"}, (60, 40)),
        ({"crop": "25%"}, (60, 40)),
        ({"crop": 0.25}, (60, 40)),
        ({"crop": ".25"}, (60, 40)),
        ({"crop": "0.25px"}, (40, 20)),
        ({"crop": (1, 2, 3, "10%")}, (44, 26)),
        ({"crop": "1,2,3,10%"}, (44, 26)),
        ({"crop": 500}, (160, 120)),
        ({"max_size": 80}, (80, 60)),
        ({"max_size": 500}, (160, 120)),
        ({"crop": 10, "max_size": 30}, (30, 20)),
        ({"canvas": "square"}, (40, 40)),
        ({"canvas": "square", "crop": 10}, (60, 60)),
        ({"canvas": "square", "fill": 0.5}, (80, 80)),
        ({"canvas": "2:1", "fill": 0.5, "max_size": 50}, (50, 25)),
        ({"canvas": (300, 200)}, (300, 200)),
        ({"canvas": "300x200", "crop": 20}, (300, 200)),
    ],
)
def test_sizes(options: dict[str, Any], size: tuple[int, int]) -> None:
    alpha = block(40, 20, 60, 50)
    result = cut(alpha, **options)
    assert result.shape == (size[1], size[0], 4)
    assert cut(alpha, matte_only=True, **options).shape == size[::-1]
    assert cut(alpha, background="white", **options).shape == (*size[::-1], 3)


def test_a_margin_on_a_canvas_is_in_its_pixels() -> None:
    result = cut(block(40, 20, 60, 50), canvas=(300, 200), crop=(50, 10, 30, 10), align="top-left")
    solid = np.where(result[..., 3] >= 128, 1, 0).astype(np.uint8)
    assert visible_box(solid) == (50, 10, 270, 120)


def test_resizing_mixes_light_and_no_hidden_colour() -> None:
    stripes = np.zeros((64, 64, 4), np.uint8)
    stripes[:, ::2] = (60, 60, 60, 255)
    stripes[:, 1::2] = (230, 230, 230, 255)
    half = placed(stripes, Placement((0, 0, 64, 64), (16, 16), (0.25, 0.25)))
    grey = to_srgb(np.array([to_linear(np.array([60.0, 230.0])).mean()]))[0]
    assert np.abs(half[4:-4, 4:-4, :3].astype(float) - grey).max() <= 2
    hidden = np.zeros((64, 64, 4), np.uint8)
    hidden[..., 1] = 255  # green that nobody sees
    hidden[20:44, 20:44] = (255, 0, 0, 255)
    small = placed(hidden, Placement((0, 0, 64, 64), (20, 20), (20 / 64, 20 / 64)))
    assert (small[small[..., 3] > 0][:, :2] == (255, 0)).all()


def test_a_small_scale_averages_all_pixels() -> None:
    random = np.random.default_rng(3)
    rgba = np.full((1024, 768, 4), 255, np.uint8)
    rgba[..., :3] = random.integers(0, 2, (1024, 768, 1)) * 255
    tiny = placed(rgba, Placement((0, 0, 768, 1024), (3, 4), (3 / 768, 4 / 1024)))
    grey = to_srgb(0.5 * to_linear(np.array([255.0])))[0]
    assert np.abs(tiny[..., :3].astype(float) - grey).max() <= 2
    assert (tiny[..., 3] == 255).all()


def test_sixteen_bits_agree_with_eight() -> None:
    alpha = disc(30)
    options: dict[str, Any] = {"canvas": (60, 90), "fill": 0.8, "shadow": True, "feather": 1.5}
    eight = cut(alpha, **options).astype(float)
    deep = defocus.cutout(
        photo_of(alpha).astype(np.uint16) * 257, matte=alpha, effort="fast", **options
    )
    assert deep.dtype == np.uint16
    visible = eight[..., 3] > 20
    assert np.abs(deep[..., 3] / 257 - eight[..., 3]).max() <= 2
    assert np.abs(deep[visible] / 257 - eight[visible]).max() <= 8  # dark colours at low alpha


def test_a_subject_at_the_frame_may_stand_on_a_larger_canvas() -> None:
    result = cut(block(60, 40, 0, 80), canvas=(100, 100), fill=0.6, align="bottom")
    assert visible_box(np.where(result[..., 3] >= 128, 1, 0).astype(np.uint8)) == (20, 60, 80, 100)


def test_a_canvas_has_a_limit() -> None:
    wide = np.full((4, 3000), 255, np.uint8)
    with pytest.raises(defocus.OptionError, match="canvas"):
        cut(wide, canvas="1:20", fill=0.05)
    assert cut(wide, canvas="1:20", fill=0.05, max_size=200).shape == (200, 10, 4)


# --- the shadow -----------------------------------------------------------------------------------


@given(
    kind=st.sampled_from(["drop", "contact"]),
    right=st.integers(-30, 30),
    down=st.integers(-30, 30),
    blur=st.floats(0, 12).filter(lambda b: b == 0 or b >= 1),
    spread=st.integers(-4, 9),
    opacity=st.floats(0.05, 1),
)
def test_a_shadow_adds_no_light(
    kind: Any, right: int, down: int, blur: float, spread: int, opacity: float
) -> None:
    shadow = Shadow(kind=kind, offset=(right, down), blur=blur, spread=spread, opacity=opacity)
    alpha = np.asarray(Image.fromarray(disc(20)).resize((40, 40)).resize((101, 101)))
    without, with_shadow = cut(alpha), cut(alpha, shadow=shadow)
    assert (with_shadow[..., 3] >= without[..., 3]).all()
    opaque = alpha == 255
    assert (with_shadow[opaque] == without[opaque]).all()
    for colour in ("white", "#4070a0", "black"):
        plain = cut(alpha, background=colour).astype(int)
        dark = cut(alpha, shadow=shadow, background=colour).astype(int)
        assert (dark <= plain + 2).all()  # rounded twice


def test_a_drop_shadow_halves_the_light_behind() -> None:
    alpha = block(30, 30, 40, 40)
    shadow = Shadow(offset=(30, 0), blur=0, opacity=0.5)
    result = cut(alpha, shadow=shadow, background="white")
    half = to_srgb(0.5 * to_linear(np.array([255.0])))[0]
    assert np.abs(result[50, 80].astype(float) - half).max() <= 1
    assert (result[50, 110] == 255).all()
    assert (result[50, 50] == (255, 0, 0)).all()
    rgba = cut(alpha, shadow=shadow)
    assert rgba[50, 80].tolist() == [0, 0, 0, 128]


def test_soft_pixels_mix_the_light_of_subject_shadow_and_background() -> None:
    alpha = np.tile(np.linspace(0, 255, 120).astype(np.uint8), (8, 1))
    image = np.full((8, 120, 3), (210, 90, 30), np.uint8)
    colour, behind, opacity = np.array([40.0, 160, 220]), np.array([250.0, 240, 10]), 0.6
    shadow = Shadow(offset=(0, 0), blur=0, opacity=opacity, colour=(40, 160, 220))
    result = defocus.cutout(
        image, matte=alpha, effort="fast", shadow=shadow, background=(250, 240, 10)
    )
    a = alpha[..., np.newaxis] / 255
    ground = opacity * a * to_linear(colour) + (1 - opacity * a) * to_linear(behind)
    light = a * to_linear(image.astype(float)) + (1 - a) * ground
    assert np.abs(result - to_srgb(light)).max() <= 2


def test_an_outline_is_a_shadow_without_blur() -> None:
    sticker = Shadow(offset=(0, 0), blur=0, spread=6, opacity=1, colour="white")
    result = cut(disc(20), shadow=sticker)
    ring = (disc(25) > 0) & (disc(21) == 0)
    assert (result[ring] == 255).all()
    assert not result[disc(28) == 0][:, 3].any()


def test_a_contact_shadow_lies_under_the_feet() -> None:
    alpha = block(30, 60, 60, 20)
    result = cut(alpha, shadow="contact blur=2px opacity=.8")
    below = result[80:, :, 3]
    assert below[0, 75] > 60
    assert not result[:70, :55, 3].any(), "nothing lies beside the body"
    assert not result[100:, :, 3].any()


@pytest.mark.parametrize("shadow", [True, "drop", Shadow(), "drop offset=0%,2% blur=2% opacity=.5"])
def test_the_default_shadow_can_be_written_in_four_ways(shadow: Any) -> None:
    alpha = disc(30)
    assert np.array_equal(cut(alpha, shadow=shadow), cut(alpha, shadow=Shadow(kind="drop")))


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"crop": (1, 2)},
        {"crop": "-1px"},
        {"crop": "5 %%"},
        {"grow": "60%"},
        {"grow": float("nan")},
        {"grow": 10**400},
        {"feather": -1},
        {"threshold": 0},
        {"threshold": 1.5},
        {"canvas": "round"},
        {"canvas": "1:21"},
        {"canvas": "0:1"},
        {"canvas": (0, 10)},
        {"canvas": (10**6, 10**6)},
        {"canvas": "square", "fill": 0.01},
        {"canvas": "square", "align": "middle"},
        {"canvas": "square", "fill": 0.5, "crop": 3},
        {"canvas": (100, 100), "crop": 50},
        {"canvas": (100, 100), "max_size": 99},
        {"fill": 0.5},
        {"align": "bottom"},
        {"max_size": 0},
        {"shadow": True, "matte_only": True},
        {"shadow": "soft"},
        {"shadow": "drop blur"},
        {"shadow": "drop blur=1 blur=2"},
        {"shadow": "drop opacity=much"},
        {"shadow": "drop colour=nocolour"},
        {"shadow": ""},
        {"background": (1, 2, 3, 4)},
    ],
)
def test_what_makes_no_sense_is_refused_before_any_work(options: dict[str, Any]) -> None:
    with pytest.raises(defocus.OptionError):
        defocus.cutout("there is no such file.png", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"crop": True},
        {"grow": None, "feather": [1]},
        {"canvas": 1.5},
        {"canvas": (1.5, 2)},
        {"shadow": 1},
        {"max_size": 2.5},
        {"canvas": "square", "align": 3},
    ],
)
def test_wrong_types_are_refused_before_any_work(options: dict[str, Any]) -> None:
    with pytest.raises(defocus.OptionTypeError):
        defocus.cutout("there is no such file.png", **options)


@pytest.mark.parametrize(
    "options",
    [{"opacity": 0}, {"opacity": 1.1}, {"kind": "long"}, {"blur": -1}, {"offset": (1, 2, 3)}],
)
def test_shadows_have_ranges(options: dict[str, Any]) -> None:
    with pytest.raises(defocus.OptionError):
        Shadow(**options)


def test_opaque_colours_with_alpha_are_colours() -> None:
    alpha = disc(20)
    assert np.array_equal(
        cut(alpha, background=(10, 20, 30, 255)), cut(alpha, background=(10, 20, 30))
    )


# --- the command line -----------------------------------------------------------------------------


def test_the_command_gives_what_the_library_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    alpha = block(40, 60, 60, 30)
    Image.fromarray(photo_of(alpha)).save("photo.png")
    Image.fromarray(alpha).save("matte.png")
    words = "--grow -2% --feather 1.5 --threshold .4 --crop 3,4,5,6 --canvas 4:5 --align bottom"
    more = ["--max-size", "70", "--shadow", "drop offset=-2,3 blur=1.5px", "--background", "white"]
    command = ["cutout", "photo.png", "out.png", "--matte", "matte.png", *words.split(), *more]
    assert main(command) == 0
    expected = defocus.cutout(
        "photo.png",
        matte="matte.png",
        grow="-2%",
        feather=1.5,
        threshold=0.4,
        crop=(3, 4, 5, 6),
        canvas="4:5",
        align="bottom",
        max_size=70,
        shadow=Shadow(offset=(-2, 3), blur="1.5px"),
        background="white",
    )
    assert np.array_equal(np.asarray(Image.open("out.png")), np.asarray(expected))
    assert main(["cutout", "photo.png", "bad.png", "--matte", "matte.png", "--fill", ".5"]) == 2
    assert not Path("bad.png").exists()
