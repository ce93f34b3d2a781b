"""A brush marks the cells under it, and around a point what is alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus.errors import OptionError
from defocus.subject import strokes
from defocus.subject.cells import Cells
from defocus.subject.strokes import around

CELLS = Cells(np.full((100, 200, 3), 90, np.uint8))  # of one pixel each


def brushed(cells: Cells, points: Any, radius: float) -> Any:
    return strokes.brushed(cells, points, radius, 1 << 24)[0]


def distances(*points: tuple[float, float]) -> Any:
    """From the centre of each cell to the nearest of the segments, by many points on them."""
    y, x = np.mgrid[:100, :200] + 0.5
    dense = [
        np.add(a, np.subtract(b, a) * t)
        for a, b in zip(points, points[1:] or points, strict=False)
        for t in np.linspace(0, 1, 80)
    ]
    return np.min([np.hypot(x - px, y - py) for px, py in dense], axis=0)


@pytest.mark.parametrize(
    "points", [[(50, 40)], [(20, 20), (150, 70), (150, 10)], [(-5, 50), (9, 9)]]
)
def test_a_stroke_is_round(points: Any) -> None:
    marked = brushed(CELLS, points, 12)
    distance = distances(*points)
    assert marked[distance < 11.5].all()
    assert not marked[distance > 12.2].any()


def test_a_thin_stroke_marks_the_cells_that_it_crosses() -> None:
    marked = brushed(CELLS, [(20.5, 30.5), (60.5, 30.5)], 0.1)
    assert marked[30, 20:61].all()
    assert marked.sum() < 3 * 43
    large = Cells(np.full((1000, 2000, 3), 90, np.uint8))
    assert large.side > 1
    assert brushed(large, [(1990.0, 990.0)], 1)[990 // large.side, 1990 // large.side]


def test_a_stroke_beside_the_photograph_marks_nothing() -> None:
    assert not brushed(CELLS, [(-500, -500), (900, -90)], 5).any()


def test_points_that_lie_close_change_nothing() -> None:
    few, many = (
        brushed(CELLS, [(float(x), 50.0) for x in np.linspace(20, 180, n)], 8) for n in (2, 5000)
    )
    assert np.array_equal(few, many)


def test_the_work_is_bounded() -> None:
    rng = np.random.default_rng(0)
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 1000, (50_000, 2))]
    with pytest.raises(OptionError):
        brushed(CELLS, points, 500)


def test_around_a_point_is_what_is_alike() -> None:
    photo = np.full((100, 200, 3), 20, np.uint8)
    photo[:, 100:] = 220
    point = np.zeros((100, 200), np.bool_)
    point[50, 90] = True
    marked = around(Cells(photo), point)
    assert marked[50, 88:92].all()
    assert not marked[:, 102:].any()
    assert marked.sum() > 30
    rough = np.random.default_rng(1).integers(0, 256, photo.shape, np.uint8)
    marked = around(Cells(rough), point)
    assert marked[48:53, 88:93].all()
    assert marked.sum() == 25
    nothing = np.zeros_like(point)
    assert not around(Cells(photo), nothing).any()
