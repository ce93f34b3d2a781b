"""Brush strokes raise or lower the map where they are, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus.errors import OptionError, OptionTypeError
from defocus.options.stroke import Stroke
from defocus.subject.strokes import edited

SIZE = (200, 100)
HALF = np.full((20, 40), 0.5, np.float32)


def distances(*points: tuple[float, float]) -> Any:
    """From the centre of each pixel to the nearest of the segments, by many points on them."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    dense = [
        np.add(a, np.subtract(b, a) * t)
        for a, b in zip(points, points[1:] or points, strict=False)
        for t in np.linspace(0, 1, 80)
    ]
    return np.min([np.hypot(x - px, y - py) for px, py in dense], axis=0)


@pytest.mark.parametrize("points", [[(50, 40)], [(20, 20), (150, 70), (150, 10)]])
@pytest.mark.parametrize(("mode", "full"), [("keep", 1.0), ("remove", 0.0)])
def test_a_stroke_is_round_and_soft(points: Any, mode: Any, full: float) -> None:
    stroke = Stroke(mode=mode, radius=12, softness=0.5, points=points)
    after = edited(HALF, SIZE, [stroke])
    distance = distances(*points)
    assert after.shape == (100, 200)
    assert np.allclose(after[distance < 5.5], full)
    assert np.allclose(after[distance > 12.5], 0.5)
    strength = np.clip((12 - distance) / 6, 0, 1)
    expected = np.maximum(0.5, strength) if mode == "keep" else np.minimum(0.5, 1 - strength)
    assert np.abs(after - expected).max() < 0.02


def test_the_last_stroke_counts() -> None:
    points = [(50.0, 50.0)]
    keep = Stroke(mode="keep", radius=10, softness=0, points=points)
    remove = Stroke(mode="remove", radius=10, softness=0, points=points)
    assert edited(HALF, SIZE, [keep, remove])[50, 50] == 0
    assert edited(HALF, SIZE, [remove, keep])[50, 50] == 1


def test_nothing_is_changed_in_place_and_without_strokes_nothing_at_all() -> None:
    before = HALF.copy()
    assert edited(HALF, SIZE, []) is HALF
    edited(HALF, SIZE, [Stroke(mode="keep", radius=50, points=[(0, 0)])])
    assert np.array_equal(before, HALF)
    after = edited(HALF, SIZE, [Stroke(mode="keep", radius=5, points=[(-500, -500), (900, -90)])])
    assert np.allclose(after, 0.5)


def test_a_large_photograph_is_edited_at_a_thousand_pixels() -> None:
    stroke = Stroke(mode="keep", radius=300, softness=0, points=[(2000, 1000)])
    after = edited(HALF, (4000, 2000), [stroke])
    assert after.shape == (512, 1024)
    area = float((after > 0.9).sum()) * (4000 / 1024) ** 2
    assert area == pytest.approx(np.pi * 300**2, rel=0.02)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"mode": "erase"}, OptionError),
        ({"radius": 0.0}, OptionError),
        ({"radius": float("nan")}, OptionError),
        ({"softness": 1.1}, OptionError),
        ({"points": []}, OptionError),
        ({"points": [(0, float("inf"))]}, OptionError),
        ({"points": [("0", 1)]}, OptionTypeError),
    ],
)
def test_what_is_no_stroke(wrong: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"mode": "keep", "radius": 5.0, "points": [(1, 1)]}
    with pytest.raises(error):
        Stroke(**{**good, **wrong})


def test_the_work_is_bounded() -> None:
    rng = np.random.default_rng(0)
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 1000, (10_000, 2))]
    stroke = Stroke(mode="keep", radius=500, points=points)
    with pytest.raises(OptionError):
        edited(HALF, (1000, 1000), [stroke])


def test_points_that_lie_close_change_little() -> None:
    few, many = (
        Stroke(mode="keep", radius=8, points=[(float(x), 50.0) for x in np.linspace(20, 180, n)])
        for n in (2, 5000)
    )
    assert np.allclose(edited(HALF, SIZE, [few]), edited(HALF, SIZE, [many]), atol=1e-3)
