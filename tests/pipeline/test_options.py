"""The lens: what it takes, and how strongly it blurs.  The look: what goes with what."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

import defocus
from defocus.batch.job import make
from defocus.options import Lens, Look, Selection


def test_thin_lens_formula() -> None:
    # 50 mm at f/1.8 focused at 1.5 m: c = 2500 / (1.8 * 1450) = .958 mm on a 36 mm long edge,
    # a radius of 1.33 % of it; sigma is half the radius.
    assert Lens().sigma_pixels(3600, 2400) == pytest.approx(0.9578544 / 36 * 3600 / 4)


def test_the_look_does_not_depend_on_resolution_or_orientation() -> None:
    small, large = Lens().sigma_pixels(600, 400), Lens().sigma_pixels(6000, 4000)
    assert large == pytest.approx(10 * small)
    assert Lens().sigma_pixels(400, 600) == small


def test_wider_longer_or_closer_blurs_more() -> None:
    normal = Lens().sigma_pixels(1000, 1000)
    assert Lens(aperture=1.2).sigma_pixels(1000, 1000) > normal
    assert Lens(focal_length=85).sigma_pixels(1000, 1000) > normal
    assert Lens(distance=0.8).sigma_pixels(1000, 1000) > normal
    assert Lens(aperture=3.6).sigma_pixels(1000, 1000) == pytest.approx(normal / 2)


def test_sigma_is_in_pixels_and_wins() -> None:
    assert Lens(sigma=7, aperture=1.2).sigma_pixels(10, 10000) == 7.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aperture", 0),
        ("aperture", -1.8),
        ("aperture", 0.49),
        ("aperture", 65),
        ("aperture", math.nan),
        ("focal_length", 4),
        ("focal_length", 2001),
        ("distance", 0),
        ("distance", 0.05),
        ("distance", math.inf),
        ("sigma", 0),
        ("sigma", -3.0),
        ("sigma", math.nan),
        ("sigma", 1e6),
    ],
)
def test_out_of_range(name: str, value: Any) -> None:
    with pytest.raises(defocus.OptionError, match=f"{name}={value!r}") as caught:
        Lens(**{name: value})
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["aperture", "focal_length", "distance", "sigma"])
@pytest.mark.parametrize("value", ["1.8", True, [2], 1j])
def test_not_a_number(name: str, value: Any) -> None:
    with pytest.raises(defocus.OptionTypeError, match=name) as caught:
        Lens(**{name: value})
    assert isinstance(caught.value, TypeError)


def test_numpy_numbers_are_numbers() -> None:
    sigma: Any = np.float32(3)
    aperture: Any = np.int64(2)
    assert Lens(sigma=sigma).sigma_pixels(10, 10) == 3.0
    assert Lens(aperture=aperture).aperture == 2


def test_a_selection_as_an_array() -> None:
    choices: list[Any] = [np.array([3, 4]), np.zeros((9, 9)), np.array("all"), np.arange(4.0)]
    for choice in choices:
        with pytest.raises(defocus.OptionTypeError, match="select=") as caught:
            Selection(choice)
        assert "\n" not in str(caught.value)
    numbers: Any = (np.float32(3), np.int64(4))
    assert Selection(numbers).point == (3.0, 4.0)
    assert Selection(np.str_("largest")).largest


def test_no_other_options_and_no_positions() -> None:
    with pytest.raises(TypeError, match="apperture"):
        Lens(apperture=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Lens(2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("options", "strength"),
    [
        ({}, 0.0),
        ({"bokeh": "disc"}, 5.0),
        ({"bokeh": "disc", "light": "srgb"}, 0.0),
        ({"bokeh": "disc", "highlights": 0}, 0.0),
        ({"bokeh": "disc", "highlights": 9, "blades": 7}, 9.0),
        ({"highlights": 0}, 0.0),
    ],
)
def test_lamps_shine_through_discs_of_light(options: dict[str, Any], strength: float) -> None:
    assert Look(**options).strength_of_highlights == strength


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bokeh": "swirl"}, "bokeh='swirl' is unknown"),
        ({"light": "dark"}, "light='dark' is unknown"),
        ({"bokeh": "disc", "blades": 4}, "blades=4 is out of range"),
        ({"bokeh": "disc", "blades": 10}, "blades=10 is out of range"),
        ({"blades": 6}, "bokeh='disc' only"),
        ({"bokeh": "disc", "highlights": -1}, "highlights=-1"),
        ({"bokeh": "disc", "highlights": math.nan}, "highlights=nan"),
        ({"highlights": 3}, "bokeh='disc' and light='linear'"),
        ({"bokeh": "disc", "light": "srgb", "highlights": 3}, "light='linear'"),
        ({"ramp": -0.1}, "ramp=-0.1"),
        ({"ramp": 1.1}, "ramp=1.1"),
        ({"grain": -1}, "grain=-1"),
        ({"grain": 11}, "grain=11"),
    ],
)
def test_looks_that_are_none(options: dict[str, Any], message: str) -> None:
    with pytest.raises(defocus.OptionError, match=message) as caught:
        Look(**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["bokeh", "light", "blades", "highlights", "ramp", "grain"])
def test_a_look_of_the_wrong_type(name: str) -> None:
    options: dict[str, Any] = {name: [1]}
    with pytest.raises(defocus.OptionTypeError, match=name):
        Look(**options)


def test_a_look_for_amounts_of_light() -> None:
    for look in (
        Look(),
        Look(bokeh="disc"),
        Look(bokeh="disc", highlights=9.0),
        Look(light="srgb"),
    ):
        other = look.for_light()
        assert other.light == "srgb"
        assert other.strength_of_highlights == look.strength_of_highlights
        assert (other.bokeh, other.blades, other.grain) == (look.bokeh, look.blades, look.grain)
    assert Look(bokeh="disc").light == "linear"


GROUPS: list[tuple[Any, str, type, dict[str, Any]]] = [
    (defocus.portrait, "lens", defocus.Lens, {"sigma": 2.0}),
    (defocus.portrait, "lens", defocus.Lens, {"aperture": 2.0, "focal_length": 85, "distance": 3}),
    (
        defocus.portrait,
        "look",
        defocus.Look,
        {"bokeh": "disc", "blades": 6, "highlights": 2, "light": "linear", "grain": 0.5},
    ),
    (defocus.portrait, "look", defocus.Look, {"ramp": 0.1}),
    (
        defocus.cutout,
        "finish",
        defocus.Finish,
        {"crop": "20%", "alpha_floor": 0.1, "fill_holes": 0.5, "matte_only": True},
    ),
]


@pytest.mark.parametrize(("function", "name", "kind", "options"), GROUPS)
def test_a_group_is_its_single_options(
    function: Any, name: str, kind: Any, options: dict[str, Any]
) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    matte = np.zeros((40, 60), np.uint8)
    matte[10:30, 20:40] = 255
    single = function(photo, matte=matte, **options)
    assert not np.array_equal(single, function(photo, matte=matte)), "the options change nothing"
    assert np.array_equal(single, function(photo, matte=matte, **{name: kind(**options)}))
    (mapped,) = defocus.map([photo], function, matte=matte, **{name: kind(**options)})
    assert np.array_equal(single, mapped.unwrap())
    recipe = defocus.Recipe(
        command=function.__name__, options={name: kind(**options), "matte": matte}
    )
    assert np.array_equal(single, np.asarray(make(Image.fromarray(photo), recipe).picture))
    for field, value in options.items():
        for both in ({name: kind(), field: value}, {name: kind(**options), field: value}):
            with pytest.raises(defocus.OptionError):
                function(photo, matte=matte, **both)
            with pytest.raises(defocus.OptionError):
                defocus.Recipe(command=function.__name__, options=both)
            with pytest.raises(defocus.OptionError):
                defocus.map([photo], function, **both)
    with pytest.raises(defocus.OptionTypeError):
        function(photo, matte=matte, **{name: options})


def test_a_group_excludes_what_its_options_exclude() -> None:
    photo, depth = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32)
    with pytest.raises(defocus.OptionError):
        defocus.portrait(photo, look=Look(ramp=0.5), depth=depth)
    with pytest.raises(defocus.OptionError):
        defocus.cutout(photo, finish=defocus.Finish(matte_only=True), background="red")
    with pytest.raises(defocus.OptionError):
        defocus.Recipe(options={"look": Look(ramp=0.5), "depth": depth})


def test_groups_for_a_video() -> None:
    clip = [np.full((36, 64, 3), 30 * i, np.uint8) for i in range(2)]
    finish = defocus.Finish(matte_only=True)
    assert [cut.shape for cut in defocus.video(clip, defocus.cutout, finish=finish)] == [
        (36, 64)
    ] * 2
    with pytest.raises(defocus.OptionError):
        defocus.video(clip, defocus.cutout, finish=defocus.Finish(crop="10%"))
    with pytest.raises(defocus.OptionError):
        defocus.video(clip, lens=Lens(), sigma=3)
