"""The symmetric FIRs: down several rows and along one, in floats and in 16-bit integers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import written
from tests.native.reference.convert import CENTRE, to_q7
from tests.native.reference.fir import fir_columns as exact_columns
from tests.native.reference.fir import fir_row as exact_row

rows = _native._rows
WIDTHS = [*range(1, 71), 130, 257]
RADII = pytest.mark.parametrize("radius", [0, 1, 3, 8, 16])
COUNTS = pytest.mark.parametrize("count", [1, 2, 8])


def half_taps(rng: np.random.Generator, radius: int) -> NDArray[np.float32]:
    """A positive, symmetric kernel that sums to 1, given by its middle and one half."""
    weights = rng.uniform(0.1, 1, radius + 1)
    return np.asarray(weights / (2 * weights.sum() - weights[0]), np.float32)


def q15(taps: NDArray[np.float32]) -> NDArray[np.int16]:
    rounded = np.round(taps * 32768.0).astype(int)
    rounded[0] = min(32768 - 2 * rounded[1:].sum(), 32767)
    return rounded.astype(np.int16)


def checkered(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Random bytes, and where sums that overflow would show: all 0, all 255, and both by turns."""
    source = rng.integers(0, 256, shape, dtype=np.uint8)
    flat = source.reshape(-1)
    quarter = flat.size // 4
    flat[:quarter], flat[quarter : 2 * quarter] = 255, 0
    flat[2 * quarter : 3 * quarter] = np.arange(quarter) % 2 * 255
    source[..., :1] = 255
    source[..., 1:2] = 0
    return source


def q7(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int16]:
    """The same, and numbers between the 8-bit values."""
    between = rng.integers(-64, 65, shape)
    inside = np.clip(to_q7(checkered(rng, shape)) + between, -CENTRE, CENTRE)
    return np.asarray(inside, np.int16)


def rounding(radius: int) -> float:
    """Each product is rounded to a unit of Q7, each of the taps was before."""
    return (radius + 1) * 0.5 + 0.01


@RADII
@COUNTS
def test_fir_columns(isa: str, radius: int, count: int, rng: np.random.Generator) -> None:
    taps = half_taps(rng, radius)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (2 * radius + count, n)).astype(np.float32)
        got = written(rows.fir_columns, isa, (count, n), np.float32, source, taps)
        assert np.abs(got - exact_columns(source, taps)).max() <= 255 * 2.0**-20


@RADII
@COUNTS
def test_fir_columns_q7(isa: str, radius: int, count: int, rng: np.random.Generator) -> None:
    taps = q15(half_taps(rng, radius))
    for n in WIDTHS:
        source = q7(rng, (2 * radius + count, n))
        got = written(rows.fir_columns_q7, isa, (count, n), np.int16, source, taps)
        assert np.abs(got - exact_columns(source, taps / 32768)).max() <= rounding(radius)


@RADII
def test_fir_columns_bytes(isa: str, radius: int, rng: np.random.Generator) -> None:
    taps = q15(half_taps(rng, radius))
    for n in WIDTHS:
        source = checkered(rng, (2 * radius + 1, n))
        got = written(rows.fir_columns_bytes, isa, n, np.int16, source, taps)
        want = exact_columns(to_q7(source), taps / 32768)[0]
        assert np.abs(got - want).max() <= rounding(radius)


@RADII
def test_fir_row(isa: str, radius: int, rng: np.random.Generator) -> None:
    taps = half_taps(rng, radius)
    for n in WIDTHS:
        source = rng.uniform(0, 255, n + 2 * radius).astype(np.float32)
        got = written(rows.fir_row, isa, n, np.float32, source, taps, n)
        assert np.abs(got - exact_row(source, taps, 1)).max() <= 255 * 2.0**-20


@RADII
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_fir_row_q7(isa: str, radius: int, channels: int, rng: np.random.Generator) -> None:
    taps = q15(half_taps(rng, radius))
    for n in WIDTHS:
        source = q7(rng, (n + 2 * radius * channels,))
        got = written(rows.fir_row_q7, isa, n, np.int16, source, taps, channels, n)
        want = exact_row(source, taps / 32768, channels)
        assert np.abs(got - want).max() <= rounding(radius)


@RADII
@pytest.mark.parametrize("value", [-CENTRE, -1, 0, 1, CENTRE])
def test_constants_stay_constant(
    isa: str, radius: int, value: int, rng: np.random.Generator
) -> None:
    """To the rounding of the products: 0, the middle grey, exactly."""
    taps = q15(half_taps(rng, radius))
    source = np.full((2 * radius + 1, 90), value, np.int16)
    down = written(rows.fir_columns_q7, isa, (1, 90), np.int16, source, taps)
    along = written(
        rows.fir_row_q7, isa, 90, np.int16, np.full(90 + 6 * radius, value, np.int16), taps, 3, 90
    )
    assert (down == along).all()
    assert np.abs(down.astype(int) - value).max() <= (rounding(radius) if value else 0)


def test_the_middle_is_the_middle(isa: str) -> None:
    """An impulse comes out as the taps, both ways, and symmetric."""
    taps = q15(np.array([0.4, 0.2, 0.1], np.float32))
    impulse = np.zeros(40 + 4, np.int16)
    impulse[22] = 16000
    along = written(rows.fir_row_q7, isa, 40, np.int16, impulse, taps, 1, 40)
    assert along.argmax() == 20
    assert (along[18:23] == along[22:17:-1]).all()
    column = np.zeros((5 + 7, 40), np.int16)
    column[5] = 16000
    down = written(rows.fir_columns_q7, isa, (8, 40), np.int16, column, taps)
    assert (down[1:6] == along[18:23, np.newaxis]).all()
    assert (down[[0, 6, 7]] == 0).all()
