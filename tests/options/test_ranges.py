"""Each number and each choice: what is at the ends of its range is taken, what is beyond is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from defocus import OptionError, OptionTypeError
from defocus.options import (
    Finish,
    Lens,
    Look,
    Prompts,
    Selection,
    Shadow,
    Storage,
    check_effort,
    check_existing,
    check_no_subject,
    network,
    values,
)
from defocus.options.compat import check_flags, colour_of


def below(value: float) -> float:
    return math.nextafter(value, -math.inf)


def beyond(value: float) -> float:
    return math.nextafter(value, math.inf)


def numbers(low: float, high: float, *, above: bool = False) -> tuple[list[Any], list[Any]]:
    """Numbers in and out of a range, whose lower end is out if it has to be `above`."""
    inside = [beyond(low) if above else low, high, np.float64(high)]
    outside = [low if above else below(low), beyond(high), math.nan, math.inf, 10**400]
    return inside, outside


def whole(low: int, high: int | None = None) -> tuple[list[Any], list[Any]]:
    """Whole numbers in and out of a range."""
    return [low, high or 10**30, np.int64(low)], [low - 1, *([] if high is None else [high + 1])]


def lens(name: str) -> Callable[[Any], Any]:
    far = {} if name == "distance" else {"distance": 10_000}
    return lambda value: Lens(**{"focal_length": 5, **far, name: value})


def of(kind: Any, name: str, **others: Any) -> Callable[[Any], Any]:
    return lambda value: kind(**{**others, name: value})


def of_mapping(check: Any, name: str, **others: Any) -> Callable[[Any], Any]:
    return lambda value: check({**others, name: value})


LARGEST = values.LARGEST_SIDE
RANGES: list[tuple[str, Callable[[Any], Any], tuple[list[Any], list[Any]]]] = [
    ("aperture", lens("aperture"), numbers(0.5, 64)),
    ("focal_length", lens("focal_length"), numbers(5, 2000)),
    ("distance", lens("distance"), ([0.0051, 10_000], [0.005, 0.0, -1, 10_000.1, math.nan])),
    ("sigma", lens("sigma"), numbers(0, 100_000, above=True)),
    ("ramp", of(Look, "ramp"), numbers(0, 1)),
    ("grain", of(Look, "grain"), numbers(0, 10)),
    ("highlights", of(Look, "highlights", bokeh="disc"), numbers(0, 100)),
    ("blades", of(Look, "blades", bokeh="disc"), whole(5, 9)),
    ("fill_holes", of(Finish, "fill_holes"), numbers(0, 1)),
    ("alpha_floor", of(Finish, "alpha_floor"), numbers(0, 1)),
    ("threshold", of(Finish, "threshold"), numbers(0, 1, above=True)),
    ("fill", of(Finish, "fill", canvas="square"), numbers(0.05, 1)),
    ("max_size", of(Finish, "max_size"), whole(1, 1_000_000)),
    ("opacity", of(Shadow, "opacity"), numbers(0, 1, above=True)),
    ("quality", of(Storage, "quality"), whole(1, 100)),
    ("threads", values.check_threads, whole(1)),
    ("jobs", values.check_jobs, whole(1)),
    ("counts", of_mapping(values.check_counts, "retries"), whole(1)),
    ("least", lambda value: values.check_counts({"retries": value}, least=0), whole(0)),
    ("seconds", of_mapping(values.check_seconds, "timeout"), ([1e-9, 1e300], [0, -1, math.inf])),
    ("port", values.check_port, whole(0, 65_535)),
    ("max_pixels", values.check_limit, whole(1)),
    ("duration", lambda value: values.check_times(value, None), numbers(0, 2**24 - 1)),
    ("loop", lambda value: values.check_times(None, value), whole(0, 2**24 - 1)),
    ("smooth", values.check_smooth, numbers(0, 0.98)),
    ("every", values.check_every, whole(1)),
    ("kernel", values.check_kernel, ([1e-9, 1e300], [0.0, -1, math.nan, math.inf])),
    ("width", lambda value: values.check_size((value, 1)), whole(1, LARGEST)),
    ("height", lambda value: values.check_size((1, value)), whole(1, LARGEST)),
    ("divisor", network.check_divisor, ([1e-9, 1e299], [0.0, -1, 1e300, math.inf, math.nan])),
    ("subject_threshold", network.check_threshold, numbers(0, 1)),
    ("input", lambda value: network.input_size((value, 1)), ([1, 2.0], [0, -1, 1.5])),
    ("input height", lambda value: network.input_size((1, value)), ([1, 2.0], [0, -1, 1.5])),
    ("mean", lambda v: network.three("mean", (0, v, 1), above_zero=False), ([0, -2.5], [math.nan])),
    ("std", lambda v: network.three("std", (1, v, 1), above_zero=True), ([1e-9], [0, -1])),
    ("short_edge", lambda v: network.check_short_edge(v, 1, None), whole(1)),
    ("multiple", lambda v: network.check_short_edge(None, v, None), whole(1)),
    ("bgcolor", lambda v: colour_of((v, 0, 255)), whole(0, 255)),
    ("point", lambda v: Prompts(None, [(v, v, True)]), numbers(-1e9, 1e9)),
    ("box", lambda v: Prompts((v, v, v + 9, v + 9)), ([-1e9, 0, 1e9 - 9], [below(-1e9), 1e9])),
    ("select", lambda v: Selection((v, 0)), numbers(-1e9, 1e9)),
]


# Where another type is judged with the rest of its sequence.
SEQUENCES = ("every", "width", "height", "input", "input height", "mean", "std", "box")


@pytest.mark.parametrize(("make", "ends"), [row[1:] for row in RANGES], ids=[r[0] for r in RANGES])
def test_the_ends_of_a_range(make: Callable[[Any], Any], ends: Any) -> None:
    inside, outside = ends
    for value in inside:
        make(value)
    for value in outside:
        with pytest.raises(OptionError):
            make(value)


@pytest.mark.parametrize("name", [row[0] for row in RANGES if row[0] not in SEQUENCES])
def test_none_of_another_type(name: str) -> None:
    make = next(row[1] for row in RANGES if row[0] == name)
    for wrong in (True, "1", [1], 1j):
        with pytest.raises(OptionTypeError):
            make(wrong)


@pytest.mark.parametrize("name", ["blades", "max_size", "quality", "threads", "jobs", "loop"])
def test_a_whole_number_is_no_float(name: str) -> None:
    make = next(row[1] for row in RANGES if row[0] == name)
    with pytest.raises(OptionTypeError):
        make(5.0)


CHOICES: list[tuple[Callable[[Any], Any], list[str]]] = [
    (of(Look, "bokeh"), ["gaussian", "disc"]),
    (of(Look, "light"), ["linear", "srgb"]),
    (of(Look, "ground"), ["auto", "off"]),
    (of(Finish, "align", canvas="square"), ["center", "top-left", "bottom-right", "left"]),
    (of(Shadow, "kind"), ["drop", "contact"]),
    (of(Storage, "subsampling"), ["4:4:4", "4:2:2", "4:2:0"]),
    (of(Storage, "compression"), ["fast", "small"]),
    (of(Storage, "strip"), ["none", "gps", "all"]),
    (Selection, ["all", "largest"]),
    (check_effort, ["fast", "good", "best"]),
    (check_no_subject, ["raise", "copy", "skip"]),
    (values.check_every, ["auto"]),
    (network.check_channels, ["rgb", "bgr"]),
    (lambda v: network.check_output(None, v), ["none", "sigmoid", "min-max"]),
    (lambda v: check_existing(command=v, existing="skip", same_name="error"), ["mask", "cutout"]),
    (lambda v: check_existing(command="mask", existing=v, same_name="error"), ["update"]),
    (lambda v: check_existing(command="mask", existing="skip", same_name=v), ["rename"]),
]


@pytest.mark.parametrize(("make", "known"), CHOICES)
def test_choices(make: Callable[[Any], Any], known: list[str]) -> None:
    for value in known:
        make(value)
    for other in (f"{known[0]}x", "expected", ""):  # the second is a part of the message
        with pytest.raises(OptionError):
            make(other)
    with pytest.raises(OptionTypeError):
        make(object())


@pytest.mark.parametrize("name", ["quality", "subsampling", "compression"])
def test_what_may_be_left_out_of_storage(name: str) -> None:
    storage: Any = Storage
    assert getattr(storage(**{name: None}), name) is None


def test_a_flag_is_true_or_false() -> None:
    for yes in (True, np.True_):
        assert Finish(matte_only=yes).matte_only  # type: ignore[arg-type]
        assert values.check_masked(yes) is True
    assert values.check_masked(np.False_) is False
    for wrong in (1, None, "yes"):
        with pytest.raises(OptionTypeError):
            Finish(matte_only=wrong)  # type: ignore[arg-type]
        with pytest.raises(OptionTypeError):
            values.check_masked(wrong)
        with pytest.raises(OptionTypeError):
            check_flags({"alpha_matting": True, "only_mask": wrong})
    check_flags({"alpha_matting": False})


def test_checks_return_plain_values() -> None:
    two: Any = np.int64(2)
    for found, kind in (
        (values.check_threads(two), int),
        (values.check_smooth(np.float64(0.5)), float),
        (values.check_kernel(np.float32(0.5)), float),
        (values.check_size(np.array([3, 4]))[0], int),
        (network.input_size(np.array([3.0, 4.0]))[0], int),
        (colour_of(np.array([3, 4, 5], np.uint8)), tuple),
    ):
        assert type(found) is kind
    assert values.check_threads(None) is None
    assert values.check_threads(3) == 3
    assert values.check_smooth(0.25) == 0.25
    assert values.check_kernel(3) == 3.0
    assert values.check_size((3, 4)) == (3, 4)
    assert network.input_size([3, 4]) == (3, 4)
    assert network.three("std", [1, 2.5, 3], above_zero=True) == (1, 2.5, 3)
    assert network.three("mean", [-1, 0, 3], above_zero=False) == (-1, 0, 3)
    assert colour_of(None) is None
    assert colour_of([1, 2, 3]) == (1, 2, 3, 255)
    assert colour_of((1, 2, 3, 4)) == (1, 2, 3, 4)
    assert check_effort("best") == "best"
