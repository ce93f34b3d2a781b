"""The way down: rows and samples halved in number, in integers and in floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import written
from tests.native.reference.convert import CENTRE, to_q7
from tests.native.reference.reduce import halve as exact_halve
from tests.native.reference.reduce import halve_rows as exact_rows

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 1025]


def extremes(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Bytes, of which most are 0 or 255, as sums that overflow would have them."""
    every: NDArray[Any] = rng.integers(0, 256, shape)
    return np.where(rng.random(shape) < 0.7, every // 128 * 255, every).astype(np.uint8)


def q7(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int16]:
    """The same, and numbers between the 8-bit values: products of those alone are not rounded."""
    between = rng.integers(-64, 65, shape)
    inside = np.clip(to_q7(extremes(rng, shape)) + between, -CENTRE, CENTRE)
    return np.asarray(inside, np.int16)


def test_halve_bytes_does_not_round(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = extremes(rng, (4, n))
        got = written(rows.halve_bytes, isa, n, np.int16, source)
        assert (got == 128 * exact_rows(source) - CENTRE).all()


def test_halve_rows(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = q7(rng, (4, n))
        got = written(rows.halve_rows, isa, n, np.int16, source)
        assert np.abs(got - exact_rows(source)).max() <= 1  # two products are rounded


def test_halve_rows_floats(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, (4, n)).astype(np.float32)
        got = written(rows.halve_rows_floats, isa, n, np.float32, source)
        assert np.abs(got - exact_rows(source)).max() <= 255 * 2.0**-22


def test_halve_q7_is_rounded_once(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = q7(rng, (2 * n + 2,))
        got = written(rows.halve_q7, isa, n, np.int16, source, n)
        assert (got == np.floor(exact_halve(source) + 0.5)).all()


def test_halve(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, 2 * n + 2).astype(np.float32)
        got = written(rows.halve, isa, n, np.float32, source, n)
        assert np.abs(got - exact_halve(source)).max() <= 255 * 2.0**-22


@pytest.mark.parametrize("value", [-CENTRE, -1, 0, 1, 4095, CENTRE])
def test_constants_stay_constant(isa: str, value: int) -> None:
    down = np.full((4, 100), value, np.int16)
    assert (np.abs(written(rows.halve_rows, isa, 100, np.int16, down) - value) <= 1).all()
    along = np.full(202, value, np.int16)
    assert (written(rows.halve_q7, isa, 100, np.int16, along, 100) == value).all()


def test_every_value_goes_down_unchanged(isa: str) -> None:
    """A row for each; whatever four of one value leave is that value."""
    values = np.arange(256, dtype=np.uint8)
    half = written(rows.halve_bytes, isa, 256, np.int16, np.tile(values, (4, 1)))
    assert (half == to_q7(values)).all()
    quarter = written(rows.halve_rows, isa, 256, np.int16, np.tile(half, (4, 1)))
    assert (quarter == half).all()
    for value in (0, 1, 127, 128, 254, 255):
        along = np.full(202, half[value], np.int16)
        assert (written(rows.halve_q7, isa, 100, np.int16, along, 100) == half[value]).all()
