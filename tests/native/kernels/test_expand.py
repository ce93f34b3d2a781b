"""The way up: interpolation along a row and between four."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import readable_beyond, written
from tests.native.reference.convert import CENTRE, from_q7, to_bytes, to_q7
from tests.native.reference.expand import expand as exact_expand
from tests.native.reference.expand import expand_centred, q15, spline_taps

rows = _native._rows
WIDTHS = [*range(1, 71), 127, 257]
STEPS = pytest.mark.parametrize("step", [2, 4, 8, 16, 32, 64, 128])
CHANNELS = pytest.mark.parametrize("channels", [1, 3, 4])
TAPS = np.array([3000, 18000, 11000, 768], np.int16)  # Q15, sum 1
ITSELF = np.array([16384, 16384, 0, 0], np.int16)  # of four rows that are one


@STEPS
def test_expand(isa: str, step: int, rng: np.random.Generator) -> None:
    taps = np.tile(spline_taps(step).astype(np.float32), (1, max(1, 8 // step)))
    for n in WIDTHS:
        row = rng.uniform(0, 255, (n - 1) // step + 4).astype(np.float32)
        given = readable_beyond(row)
        got = written(rows.expand, isa, n, np.float32, given, taps, step, n)
        assert np.abs(got - exact_expand(row, taps, step, n)).max() <= 255 * 2.0**-21


def flat_taps(step: int, channels: int) -> NDArray[np.int16]:
    """Taps of each pixel of a row that starts half a cell in, for each of its channels."""
    phases = q15(np.roll(spline_taps(step), -(step // 2), axis=1))
    return np.tile(phases, (1, max(1, 32 // step))).repeat(channels, axis=1)


def grid_pixels(width: int, step: int) -> int:
    """How many pixels of a row the kernel reads: what whole groups of 32 need."""
    whole = (width + 31) // 32 * 32
    return (whole - 1 + step // 2) // step + 4


@STEPS
@CHANNELS
def test_expand_q7(isa: str, step: int, channels: int, rng: np.random.Generator) -> None:
    taps = flat_taps(step, channels)
    for width in WIDTHS:
        shape = grid_pixels(width, step), channels
        grid = rng.integers(-CENTRE, CENTRE + 1, shape).astype(np.int16)
        given = readable_beyond(grid.reshape(-1), 32)
        shape = (width, channels)
        got = written(rows.expand_q7, isa, shape, np.int16, given, taps, step, channels, width)
        want = expand_centred(grid, q15(spline_taps(step)) / 32768, step, width)
        assert np.abs(got - want).max() <= 2.01  # four products, each rounded


@STEPS
@CHANNELS
def test_an_expanded_constant_is_its_value(isa: str, step: int, channels: int) -> None:
    taps, width = flat_taps(step, channels), 200
    for value in (0, 1, 127, 128, 254, 255):
        q7 = to_q7(np.array([value]))[0]
        grid = np.full(grid_pixels(width, step) * channels + 32, q7, np.int16)
        got = written(
            rows.expand_q7, isa, width * channels, np.int16, grid, taps, step, channels, width
        )
        assert (to_bytes(from_q7(got)) == value).all()


def test_coefficients_that_overshoot_do_not_wrap(isa: str) -> None:
    """The values -60 and 315, the outermost there are, by turns."""
    for step in (2, 8, 64):
        grid = to_q7(np.resize([315.0, -60.0, -60.0], 400))
        taps = flat_taps(step, 1)
        got = written(rows.expand_q7, isa, 300, np.int16, grid, taps, step, 1, 300)
        want = expand_centred(grid[:, np.newaxis], q15(spline_taps(step)) / 32768, step, 300)[:, 0]
        assert np.abs(got - want).max() <= 2.01


def q7_rows(rng: np.random.Generator, n: int) -> NDArray[np.int16]:
    """Colours, some of them beyond black and white."""
    return to_q7(rng.uniform(-60, 315, (4, n)))


def test_spline_bytes(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = q7_rows(rng, n)
        got = written(rows.spline_bytes, isa, n, np.uint8, source, TAPS)
        want = np.clip(TAPS / 32768.0 @ from_q7(source), 0, 255)
        # Four products rounded to 1/128 each, then to a byte.
        assert np.abs(got - want).max() <= 0.5 + 2 / 128


def test_constant_rows_stay_constant(isa: str) -> None:
    values = np.arange(256, dtype=np.uint8)
    source = np.tile(to_q7(values), (4, 1))
    for taps in (TAPS, ITSELF, *q15(spline_taps(32)).T.copy()):
        assert (written(rows.spline_bytes, isa, 256, np.uint8, source, taps) == values).all()


def test_spline_bytes_beyond_black_and_white(isa: str) -> None:
    for value, byte in ((-60, 0), (-1, 0), (256, 255), (315, 255)):
        source = np.full((4, 100), to_q7(np.array([value]))[0], np.int16)
        assert (written(rows.spline_bytes, isa, 100, np.uint8, source, TAPS) == byte).all()


def test_spline_floats(isa: str, rng: np.random.Generator) -> None:
    taps = (TAPS / 32768.0).astype(np.float32)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (4, n)).astype(np.float32)
        got = written(rows.spline_floats, isa, n, np.float32, source, taps)
        assert np.abs(got - taps.astype(np.float64) @ source).max() <= 255 * 2.0**-21
