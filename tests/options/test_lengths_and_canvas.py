"""Lengths, canvases and shadows: their text, their limits, and what they mean in pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus import OptionError, OptionTypeError
from defocus.options import Finish, Shadow
from defocus.options.canvas import ALIGNMENTS, MOST_PIXELS, Canvas, canvas_of
from defocus.options.lengths import Measure, length, lengths, scaled_text
from defocus.options.shadow import shadow_of


@pytest.mark.parametrize(
    ("value", "pixels", "share"),
    [
        (0, 0.0, 0.0),
        (1, 1.0, 0.0),
        (1.0, 1.0, 0.0),
        (0.25, 0.0, 0.25),
        (-0.25, 0.0, -0.25),
        (-1, -1.0, 0.0),
        (12.5, 12.5, 0.0),
        (np.float32(0.5), 0.0, 0.5),
        (np.int64(3), 3.0, 0.0),
        ("12", 12.0, 0.0),
        (" 12px ", 12.0, 0.0),
        ("+.5 px", 0.5, 0.0),
        ("-3px", -3.0, 0.0),
        ("5%", 0.0, 0.05),
        ("0%", 0.0, 0.0),
        (".25", 0.0, 0.25),
        ("1000", 1000.0, 0.0),
        (-1000, -1000.0, 0.0),
        ("50%", 0.0, 0.5),
        ("-50%", 0.0, -0.5),
    ],
)
def test_a_length(value: Any, pixels: float, share: float) -> None:
    found = length("grow", value, -1000, 1000, 50)
    assert found.pixels == pixels
    assert found.share == pytest.approx(share)
    assert type(found.pixels) is type(found.share) is float


@pytest.mark.parametrize(
    "value",
    ["", "px", "5 cm", "1e3", "12px 3", "50.1%", "-50.1%", 1000.5, -1001, 0.51, 10**400, "nan"],
)
def test_no_length(value: Any) -> None:
    with pytest.raises(OptionError):
        length("grow", value, -1000, 1000, 50)


@pytest.mark.parametrize("value", [True, None, (1,), 1j, b"3"])
def test_a_length_of_another_type(value: Any) -> None:
    with pytest.raises(OptionTypeError):
        length("grow", value, -1000, 1000, 50)


def test_a_length_without_negative_values_has_no_negative_share() -> None:
    assert length("feather", "0%", 0, 1000, 50) == Measure()
    for value in ("-1%", -0.01, -1, "-1px"):
        with pytest.raises(OptionError):
            length("feather", value, 0, 1000, 50)


def test_a_measure_in_pixels() -> None:
    assert Measure(3.0).of(400) == 3.0
    assert Measure(share=0.1).of(400) == 40.0
    assert Measure() == Measure(0.0, 0.0)


def test_one_length_for_all_or_one_for_each() -> None:
    order = ("left", "top")
    one, two = Measure(3.0), Measure(share=0.05)
    assert lengths("crop", 3, order, 0, 100, 50) == (one, one)
    assert lengths("crop", "5%", order, 0, 100, 50) == (two, two)
    assert lengths("crop", "3,5%", order, 0, 100, 50) == (one, two)
    assert lengths("crop", [3, 0.05], order, 0, 100, 50) == (one, two)
    for wrong in ((3,), (3, 3, 3), "3,3,3", (3, -1), (3, 101), ("51%", 3)):
        with pytest.raises(OptionError):
            lengths("crop", wrong, order, 0, 100, 50)
    with pytest.raises(OptionTypeError):
        lengths("crop", None, order, 0, 100, 50)


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("10,5%,-3px,0", "5px,5%,-1.5px,0"),
        (".5", ".5"),
        ("-.5", "-.5"),
        (".5px", "0.25px"),
        ("1", "0.5px"),
        (" 4 px", "2px"),
        ("wide,4", "wide,2px"),
    ],
)
def test_lengths_as_text_for_a_smaller_picture(text: str, scaled: str) -> None:
    assert scaled_text(text, 0.5) == scaled


@pytest.mark.parametrize(
    ("value", "canvas"),
    [
        ("square", Canvas(1.0)),
        ("4:5", Canvas(0.8)),
        ("20:1", Canvas(20.0)),
        ("1:20", Canvas(0.05)),
        ("99999:99999", Canvas(1.0)),
        ("300x200", Canvas(1.5, (300, 200))),
        ((300, 200), Canvas(1.5, (300, 200))),
        ([np.int64(1), 1], Canvas(1.0, (1, 1))),
        ((1, MOST_PIXELS), Canvas(1 / MOST_PIXELS, (1, MOST_PIXELS))),
        ((MOST_PIXELS, 1), Canvas(MOST_PIXELS, (MOST_PIXELS, 1))),
    ],
)
def test_a_canvas(value: Any, canvas: Canvas) -> None:
    assert canvas_of(value) == canvas


@pytest.mark.parametrize(
    "value",
    [
        *(
            "round",
            "4:5:6",
            "0:5",
            "5:0",
            "0:0",
            "21:1",
            "1:21",
            "41:2",
            "2:41",
            "0x5",
            "5x0",
            "4 :5",
        ),
        *((0, 5), (5, 0), (-3, -3), (1, MOST_PIXELS + 1), "999999x999999", "123456:1", "1234567x1"),
    ],
)
def test_no_canvas(value: Any) -> None:
    with pytest.raises(OptionError):
        canvas_of(value)


@pytest.mark.parametrize("value", [5, None, (5,), (5, 5, 5), (5, 2.0), (True, 5), (5, "5"), b"55"])
def test_a_canvas_of_another_type(value: Any) -> None:
    if value == b"55":
        assert canvas_of(value).size == (53, 53)  # bytes are a sequence of integers
        return
    with pytest.raises(OptionTypeError):
        canvas_of(value)


def test_a_finish_by_default_changes_nothing() -> None:
    plain = Finish()
    assert (plain.outline, plain.cast, plain.geometry) == (None, None, None)
    assert plain.growth == plain.softness == Measure()
    assert plain.margins == (Measure(),) * 4
    assert (plain.fill_holes, plain.threshold, plain.matte_only) == (0.0, None, False)
    assert (plain.floor(found=True), plain.floor(found=False)) == (4 / 255, 0.0)
    for floor in (0, 0.5):
        assert Finish(alpha_floor=floor).floor(found=True) == floor
        assert Finish(alpha_floor=floor).floor(found=False) == floor
        assert type(Finish(alpha_floor=floor).floor(found=True)) is float


def test_the_parts_of_a_finish() -> None:
    finish = Finish(grow="-3px", feather=0.05, crop=(1, 2, "3%", 4), canvas="3:2", shadow=True)
    assert finish.growth == Measure(-3.0)
    assert finish.softness == Measure(share=0.05)
    assert finish.margins == (Measure(1.0), Measure(2.0), Measure(share=0.03), Measure(4.0))
    assert finish.outline == Canvas(1.5)
    assert finish.cast == Shadow()


@pytest.mark.parametrize(
    ("name", "low", "high", "percent"),
    [("grow", -1000, 1000, 50), ("feather", 0, 1000, 50), ("crop", 0, 100_000, 1000)],
)
def test_the_limits_of_lengths(name: str, low: int, high: int, percent: int) -> None:
    finish: Any = Finish
    for inside in (low, high, f"{percent}%"):
        finish(**{name: inside})
    for outside in (low - 1, high + 1, f"{percent + 1}%", -percent / 100 - 0.01):
        with pytest.raises(OptionError):
            finish(**{name: outside})


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"crop": 0}, "crop"),
        ({"canvas": "square", "crop": 1}, "crop"),
        ({"canvas": "square", "fill": 0.5}, "canvas"),
        ({"canvas": "square", "align": "top"}, "canvas"),
        ({"max_size": 10}, "max_size"),
        ({"fill_holes": 1, "grow": 3, "shadow": True}, None),
    ],
)
def test_what_changes_the_size(options: dict[str, Any], first: str | None) -> None:
    assert Finish(**options).geometry == first


@pytest.mark.parametrize(
    "options",
    [
        {"canvas": (40, 30), "max_size": 40},
        {"canvas": (40, 30), "crop": (20, 15, 19, 14)},
        {"canvas": (40, 30), "crop": "1000%"},
        {"canvas": "square", "crop": 100_000},
        {"canvas": "square", "max_size": 1, "align": "top", "fill": 0.5},
        {"align": "center"},
        {"matte_only": True, "shadow": False},
    ],
)
def test_what_goes_together(options: dict[str, Any]) -> None:
    Finish(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"canvas": (40, 30), "max_size": 39},
        {"canvas": (30, 40), "max_size": 39},
        {"canvas": (40, 30), "crop": (20, 0, 20, 0)},
        {"canvas": (40, 30), "crop": (0, 15, 0, 15)},
        {"canvas": (40, 30), "crop": (41, 0, 0, 0)},
        {"canvas": "square", "crop": 0, "fill": 0.5},
        {"fill": 0.5},
        {"align": "top"},
        {"matte_only": True, "shadow": True},
    ],
)
def test_what_does_not(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        Finish(**options)


def test_the_lengths_of_a_shadow() -> None:
    none, two = Measure(), Measure(share=0.02)
    assert Shadow().lengths() == (none, two, two, none)
    assert Shadow(kind="contact").lengths() == (none, none, two, none)
    own = Shadow(offset=(-3, "5%"), blur=4, spread="-1%")
    assert own.lengths() == (Measure(-3.0), Measure(share=0.05), Measure(4.0), Measure(share=-0.01))
    assert (Shadow().opacity, Shadow().colour) == (0.5, "black")


def test_the_limits_of_a_shadow() -> None:
    shadow: Any = Shadow
    ends = {"blur": (0, 10_000, 100), "spread": (-1000, 1000, 50)}
    for name, (low, high, percent) in ends.items():
        for inside in (low, high, f"{percent}%"):
            shadow(**{name: inside})
        for outside in (low - 1, high + 1, f"{percent + 1}%"):
            with pytest.raises(OptionError):
                shadow(**{name: outside})
    for far in (-10_000, 10_000, "100%", "-100%"):
        shadow(offset=(far, far))
    for farther in (-10_001, 10_001, "101%", "-101%"):
        for offset in ((farther, 0), (0, farther)):
            with pytest.raises(OptionError):
                shadow(offset=offset)


@pytest.mark.parametrize("offset", [3, 0.5, "3px", "5%", True])
def test_an_offset_is_two_lengths(offset: Any) -> None:
    with pytest.raises(OptionTypeError):
        Shadow(offset=offset)
    assert Shadow(offset="3px,5%").lengths()[:2] == (Measure(3.0), Measure(share=0.05))


@pytest.mark.parametrize("colour", [3, None, b"red", {1: 2}])
def test_a_colour_of_another_type(colour: Any) -> None:
    with pytest.raises(OptionTypeError):
        Shadow(colour=colour)


def test_a_shadow_as_text() -> None:
    assert shadow_of(True) == shadow_of("drop") == Shadow()
    assert shadow_of(False) is None
    assert shadow_of(own := Shadow(blur=3)) is own
    text = "contact offset=1,2 blur=1% spread=-2px opacity=.6 colour=red"
    assert shadow_of(text) == Shadow(
        kind="contact", offset="1,2", blur="1%", spread="-2px", opacity=0.6, colour="red"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "dropp", "blur=3", "drop blur", "drop blur=", "drop kind=drop", "drop size=3"),
        *("drop blur=1 blur=2", "drop opacity=much", "drop opacity=0", "drop opacity=1.1"),
    ],
)
def test_text_that_is_no_shadow(text: str) -> None:
    with pytest.raises(OptionError):
        shadow_of(text)


@pytest.mark.parametrize("value", [1, None, ["drop"], b"drop"])
def test_a_shadow_of_another_type(value: Any) -> None:
    with pytest.raises(OptionTypeError):
        shadow_of(value)


def test_constants() -> None:
    assert len(ALIGNMENTS) == 9
    assert MOST_PIXELS == 178_956_970
