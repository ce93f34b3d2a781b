"""What goes with what: groups, alternatives, marks, selections, networks, paths."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from defocus import Finish, Lens, Look, OptionError, OptionTypeError
from defocus.errors import ProviderError
from defocus.options import (
    FINDING,
    KEYWORDS,
    Prompts,
    Selection,
    check_alternatives,
    check_keywords,
    check_options,
    check_recipe,
    checks,
    groups_of,
    network,
    values,
)
from defocus.options.compat import colour_of


def recipe(**changes: Any) -> None:
    given: dict[str, Any] = {
        "command": "portrait",
        "no_subject": "raise",
        "every_frame": False,
        "options": {},
        "finding": {},
        "saving": {},
    }
    check_recipe(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"command": "blur"}, OptionError),
        ({"no_subject": "stop"}, OptionError),
        ({"every_frame": 1}, OptionTypeError),
        ({"options": [("sigma", 3)]}, OptionTypeError),
        ({"options": {"crop": 3}}, OptionTypeError),
        ({"options": {"sigma": -3}}, OptionError),
        ({"finding": {"sigma": 3}}, OptionTypeError),
        ({"finding": {"effort": "much"}}, OptionError),
        ({"finding": {"select": "none"}}, OptionError),
        ({"finding": {"box": (1, 2, 1, 4)}}, OptionError),
        ({"finding": {"points": 3}}, OptionTypeError),
        ({"finding": 3}, OptionTypeError),
        ({"saving": {"quality": 0}}, OptionError),
        ({"saving": {"threads": 0}}, OptionError),
        ({"saving": {"format": "JPEG"}}, OptionTypeError),
        ({"saving": 3}, OptionTypeError),
        ({"options": {"depth": 1, "ground": "auto"}}, OptionError),
    ],
)
def test_a_recipe_that_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        recipe(**changes)


def test_a_recipe_that_is_taken() -> None:
    recipe(
        options={"sigma": 3, "ground": "off", "depth": 1},
        finding={"effort": "best", "select": "largest"},
        saving={"quality": 3, "threads": 2},
    )
    recipe(command="mask", every_frame=np.True_, no_subject="skip")


def test_the_keywords_of_commands() -> None:
    assert set(FINDING) < set(KEYWORDS["cutout"]) & set(KEYWORDS["portrait"])
    assert KEYWORDS["mask"] == FINDING
    check_keywords(["crop"], KEYWORDS["cutout"], "cutout")
    with pytest.raises(OptionTypeError):
        check_keywords(["crop"], KEYWORDS["portrait"], "portrait")
    for command in KEYWORDS:
        check_options(command, {})
        with pytest.raises(OptionTypeError):
            check_options(command, {"unknown": 1})


def test_groups() -> None:
    assert groups_of("portrait", {"sigma": 3, "grain": 1}) == {
        "lens": Lens(sigma=3),
        "look": Look(grain=1),
    }
    own = Finish(grow=3)
    assert groups_of("cutout", {"finish": own})["finish"] is own
    assert groups_of("mask", {}) == {}
    with pytest.raises(OptionError):
        groups_of("cutout", {"finish": own, "crop": 0})
    with pytest.raises(OptionTypeError):
        groups_of("cutout", {"finish": {"grow": 3}})


@pytest.mark.parametrize(
    "pair",
    [("depth", "ramp"), ("depth", "ground"), ("matte_only", "background"), ("matte", "subject")],
)
def test_alternatives(pair: tuple[str, str]) -> None:
    one, other = pair
    with pytest.raises(OptionError):
        check_alternatives({one: 0, other: 1, "crop": 3})
    for left_out in (None, False):
        check_alternatives({one: 1, other: left_out})
        check_alternatives({one: left_out, other: 1})
    check_alternatives({"matte": 1, "ramp": 1, "background": 1})


def test_highlights_and_blades_need_discs() -> None:
    assert Look(blades=6, bokeh="disc").blades == 6
    assert Look(highlights=0).strength_of_highlights == 0.0
    assert Look(highlights=3, bokeh="disc").strength_of_highlights == 3.0
    assert Look(bokeh="disc").strength_of_highlights == 5.0
    assert Look(bokeh="disc", light="srgb").strength_of_highlights == 0.0
    assert Look().strength_of_highlights == Look().grain == 0.0
    assert type(Look(highlights=3, bokeh="disc").strength_of_highlights) is float
    for wrong in ({"bokeh": "gaussian"}, {"bokeh": "disc", "light": "srgb"}):
        with pytest.raises(OptionError):
            Look(highlights=1, **wrong)  # type: ignore[arg-type]
    with pytest.raises(OptionError):
        Look(blades=6)


def test_the_ground_excludes_a_horizon() -> None:
    Look(ground="off", ramp=0.0)
    Look(ground="auto")
    with pytest.raises(OptionError):
        Look(ground="auto", ramp=0.0)


def test_a_lens_focuses_beyond_its_focal_length() -> None:
    Lens(focal_length=100, distance=0.1001)
    for distance in (0.1, 0.09):
        with pytest.raises(OptionError):
            Lens(focal_length=100, distance=distance)
    assert (Lens().aperture, Lens().focal_length, Lens().distance) == (1.8, 50.0, 1.5)
    assert type(Lens(sigma=3).sigma_pixels(1, 1)) is float


def test_marks_become_plain_numbers() -> None:
    marks = Prompts(np.array([1, 2, 3, 4]), [[np.float32(1), 2, np.True_]])  # type: ignore[arg-type,list-item]
    assert (marks.box, marks.points) == ((1.0, 2.0, 3.0, 4.0), ((1.0, 2.0, True),))
    assert Prompts(None, None).points == Prompts().points == ()
    assert Prompts(None, []).box is None
    Prompts(None, [(9, 9, True)] * 10_000)


@pytest.mark.parametrize(
    ("box", "points", "error"),
    [
        ((1, 2, 1, 4), (), OptionError),
        ((1, 2, 0, 4), (), OptionError),
        ((1, 2, 3, 2), (), OptionError),
        ((1, 2, 3, 1), (), OptionError),
        ((1, 2, 3), (), OptionTypeError),
        ((1, 2, 3, 4, 5), (), OptionTypeError),
        ("1234", (), OptionTypeError),
        (5, (), OptionTypeError),
        (None, (1, 2, True), OptionTypeError),
        (None, [(1, 2)], OptionTypeError),
        (None, [(1, 2, True, 4)], OptionTypeError),
        (None, ["123"], OptionTypeError),
        (None, [(1, 2, True), 3], OptionTypeError),
        (None, [(1, 2, 1)], OptionTypeError),
        (None, "12", OptionTypeError),
        (None, {}, OptionTypeError),
        (None, iter([]), OptionTypeError),
        (None, [(9, 9, True)] * 10_001, OptionError),
        (None, [(1.2, 2.8, True), (1.9, 2.1, False)], OptionError),
    ],
)
def test_marks_that_are_none(box: Any, points: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Prompts(box, points)


def test_points_that_keep_are_in_the_box() -> None:
    box = (10, 20, 30, 40)
    for x, y in ((10, 20), (29.9, 39.9)):
        Prompts(box, [(x, y, True)])
    for x, y in ((9.9, 20), (10, 19.9), (30, 39), (29, 40)):
        Prompts(box, [(x, y, False)])
        with pytest.raises(OptionError):
            Prompts(box, [(x, y, True)])
    Prompts(None, [(1, 2, True), (2, 1, False), (1, 2, True)])


def test_marks_lie_in_the_photograph() -> None:
    size = (40, 30)
    for box in ((-5, -5, 1, 1), (39, 29, 50, 50)):
        Prompts(box).check_within(size)
    for box in ((-5, 0, 0, 9), (0, -5, 9, 0), (40, 0, 50, 9), (0, 30, 9, 50)):
        with pytest.raises(OptionError):
            Prompts(box).check_within(size)
    for x, y in ((0, 0), (39.9, 29.9)):
        Prompts(None, [(x, y, True)]).check_within(size)
    for x, y in ((-0.1, 0), (0, -0.1), (40, 0), (0, 30)):
        with pytest.raises(OptionError):
            Prompts(None, [(x, y, True)]).check_within(size)


def test_selections() -> None:
    assert Selection().everything
    assert not Selection().largest
    assert Selection("largest").largest
    assert not Selection("largest").everything
    point, box = Selection((1, 2)), Selection([1, 2, 3, 4])  # type: ignore[arg-type]
    assert (point.point, point.box) == ((1.0, 2.0), None)
    assert (box.point, box.box) == (None, (1.0, 2.0, 3.0, 4.0))
    for named in (Selection(), Selection("largest")):
        assert named.point is None
        assert named.box is None
    assert all(type(value) is float for value in (*point.point, *box.box))  # type: ignore[misc]
    assert not point.everything
    assert not box.largest


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        ((1,), OptionError),
        ((1, 2, 3), OptionError),
        ((1, 2, 3, 4, 5), OptionError),
        ((1, 2, 1, 4), OptionError),
        ((1, 2, 0, 4), OptionError),
        ((1, 2, 3, 2), OptionError),
        ((1, 2, 3, 1), OptionError),
        ((1, math.nan), OptionError),
        ((1, True), OptionTypeError),
        ((1, "2"), OptionTypeError),
        (5, OptionTypeError),
        ({1: 2}, OptionTypeError),
    ],
)
def test_selections_that_are_none(choice: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Selection(choice)


def test_a_selection_lies_in_the_photograph() -> None:
    size = (40, 30)
    inside: list[Any] = ["all", "largest", (0, 0), (39.9, 29.9), (-5, -5, 0, 0), (39, 29, 50, 50)]
    for choice in inside:
        Selection(choice).check_within(size)
    for named in ("all", "largest"):
        Selection(named).check_within((1, 1))
    outside: list[Any] = [(-0.1, 3), (3, -0.1), (40, 3), (3, 30), (40, 0, 50, 9), (0, 30, 9, 50)]
    for choice in [*outside, (-9, 0, -1, 9), (0, -9, 9, -1)]:
        with pytest.raises(OptionError):
            Selection(choice).check_within(size)


def origin(**changes: Any) -> None:
    texts = dict.fromkeys(("name", "licence", "source", "url", "sha256", "md5"), "")
    network.check_origin({**texts, "size": 0, "memory": 0, "non_commercial": False, **changes})


def test_where_a_network_comes_from() -> None:
    origin(sha256="0a" * 32, md5="9f" * 16, size=3, memory=10**12, non_commercial=True)
    for field in ("name", "licence", "source", "url", "sha256", "md5", "size", "memory"):
        with pytest.raises(OptionTypeError):
            origin(**{field: None})
    for field in ("size", "memory"):
        with pytest.raises(OptionError):
            origin(**{field: -1})
    with pytest.raises(OptionTypeError):
        origin(non_commercial=1)
    for digits in ("0a" * 31, "0A" * 32, "0a" * 33, "0g" * 32):
        with pytest.raises(OptionError):
            origin(sha256=digits)
    for digits in ("0a" * 15, "0A" * 16, "0a" * 17):
        with pytest.raises(OptionError):
            origin(md5=digits)


def test_the_file_and_the_output_of_a_network() -> None:
    assert network.check_file("a.onnx") == network.check_file(Path("a.onnx")) == "a.onnx"
    for wrong in ("", 3, None, ["a.onnx"]):
        with pytest.raises(OptionTypeError):
            network.check_file(wrong)
    network.check_output(None, "none")
    network.check_output("mask", "sigmoid")
    with pytest.raises(OptionTypeError):
        network.check_output(3, "none")


def test_the_size_of_an_input() -> None:
    network.check_short_edge(None, 32, (320, 320))
    network.check_short_edge(64, 32, None)
    for edge, multiple, size in ((64, 32, (320, 320)), (65, 32, None), (16, 32, None)):
        with pytest.raises(OptionError):
            network.check_short_edge(edge, multiple, size)
    for wrong in ((1,), (1, 2, 3)):
        with pytest.raises(OptionError):
            network.input_size(wrong)
    for other in (3, None, (1, True), "12", np.array(3)):
        with pytest.raises(OptionTypeError):
            network.input_size(other)
    network.check_divisor(None)
    for numbers in ((1, 2), (1, 2, 3, 4)):
        with pytest.raises(OptionError):
            network.three("mean", numbers, above_zero=False)


def test_colours_of_rembg() -> None:
    for wrong in ("red", 3, {1, 2, 3}):
        with pytest.raises(OptionTypeError):
            colour_of(wrong)
    for numbers in ((1, 2), (1, 2, 3, 4, 5)):
        with pytest.raises(OptionError):
            colour_of(numbers)


def test_providers() -> None:
    assert network.check_providers(None) == (("CPUExecutionProvider", {}),)
    assert network.check_providers("cuda") == (("cuda", {}),)
    options = {"device_id": 1}
    found = network.check_providers(["cpu", ("cuda", options)])
    assert found == (("cpu", {}), ("cuda", options))
    assert found[1][1] is not options
    pairs: list[Any] = [("cuda",), ("cuda", {}, 1), ("cuda", 3), (3, {}), ["cuda", {}], 3]
    wrong: Any
    for wrong in (*([pair] for pair in pairs), 3):
        with pytest.raises(OptionTypeError):
            network.check_providers(wrong)
    for twice in ([], ["cpu", "CPUExecutionProvider"], ["dml", "directml"], ["cpu", "cuda", "CPU"]):
        with pytest.raises(ProviderError):
            network.check_providers(twice)
    assert network.provider_key("TensorRTExecutionProvider") == network.provider_key("trt")
    assert network.provider_key("CUDAExecutionProvider") == "cuda"


def test_paths() -> None:
    values.check_paths(["a", "b"], "out")
    values.check_paths((), "out")
    for inputs in ("a", b"a", 3, {"a"}, [3], ["a", None]):
        with pytest.raises(OptionTypeError):
            values.check_paths(inputs, "out")
    with pytest.raises(OptionTypeError):
        values.check_paths(["a"], None)


def test_targets() -> None:
    class ObjectRef:
        """Named like Ray's reference to a value."""

    for targets in (None, {}, {"a": "b"}, ObjectRef()):
        values.check_targets(targets)
    for wrong in (3, ["a"], "a"):
        with pytest.raises(OptionTypeError):
            values.check_targets(wrong)


def test_functions_and_elements() -> None:
    values.check_function(len, "expected a function")
    values.check_function(len, "expected a function", (abs, len))
    for fn, known in ((3, ()), (len, (abs,)), (3, (3,))):
        with pytest.raises(OptionTypeError):
            values.check_function(fn, "expected a function", known)  # type: ignore[arg-type]
    values.instance("image", 3, int, "a number")
    with pytest.raises(OptionTypeError):
        values.instance("image", "3", int, "a number")
    assert next(values.elements("images", [7])) == 7
    with pytest.raises(OptionTypeError):
        values.elements("images", 7)
    values.check_format("JPEG", ["PNG"])
    with pytest.raises(OptionTypeError):
        values.check_format(3, ["PNG"])
    values.check_jobs(None)
    values.check_limit(None)
    values.check_times(None, None)
    for size in ((1,), (1, 2, 3), 3, None, (1, 2.0)):
        with pytest.raises((OptionTypeError, OptionError)):
            values.check_size(size)


def test_the_error_for_a_name_says_what_is_meant() -> None:
    with pytest.raises(OptionError, match="'gaussian'"):
        checks.choice("bokeh", "gausian", ("gaussian", "disc"))
    with pytest.raises(OptionError) as caught:
        checks.choice("bokeh", "swirl", ("gaussian", "disc"))
    assert "mean" not in str(caught.value)
    assert checks.choice("bokeh", np.str_("disc"), ("disc",)) == "disc"
    assert type(checks.choice("bokeh", np.str_("disc"), ("disc",))) is str
    assert checks.text("name", "any", "a string") == "any"
    given = {"a": 1}
    assert checks.options("options", given, ("a",)) is given
    assert checks.number("any", 10**6, 0.0) == 1e6
    with pytest.raises(OptionTypeError):
        checks.options("options", {"b": 1}, ("a",))
