"""The way up: expand, expand_q7, spline_bytes, spline_floats, normalise, mix_taps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, untouched
from reference.expand import expand as exact_expand
from reference.expand import mixed_taps as exact_mixed_taps

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
TAPS = np.array([3000, 18000, 11000, 768], np.int16)  # Q15, sum 1


@pytest.mark.parametrize("step", [2, 4, 8, 16, 64])
def test_expand(isa: str, step: int, rng: np.random.Generator) -> None:
    one_cell = rng.dirichlet([1.0] * 4, step).T.astype(np.float32)
    taps = np.tile(one_cell, (1, max(1, 8 // step)))
    for n in WIDTHS:
        row = rng.uniform(0, 255, (n - 1) // step + 3 + 8).astype(np.float32)
        want = exact_expand(row, taps, step, n)
        for kernel, dtype, unit, bound in (
            (rows.expand, np.float32, 1, 255 * 2.0**-21),
            (rows.expand_q7, np.int16, 128, 0.5 / 128 + 1e-3),
        ):
            out, baseline = Guarded(n, dtype), Guarded(n, dtype)
            kernel(row, taps, step, n, out.view, isa)
            kernel(row, taps, step, n, baseline.view, _native.isa_levels()[0])
            assert np.abs(out.view / unit - want).max() <= bound
            assert out.view.tobytes() == baseline.view.tobytes()
            assert out.intact()


def q7_rows(rng: np.random.Generator, n: int) -> NDArray[np.int16]:
    return rng.integers(0, 255 * 128 + 1, (4, n)).astype(np.int16)


def exact_spline(source: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.asarray((TAPS / 32768.0) @ (source / 128.0))


def test_spline_bytes(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = q7_rows(rng, n)
        out, baseline = Guarded(n, np.uint8), Guarded(n, np.uint8)
        rows.spline_bytes(source, TAPS, out.view, isa)
        rows.spline_bytes(source, TAPS, baseline.view, _native.isa_levels()[0])
        # Four products rounded to 1/128 each, then to a byte.
        assert np.abs(out.view - exact_spline(source)).max() <= 0.5 + 2 / 128
        assert (out.view == baseline.view).all()
        assert out.intact()


@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
def test_constant_rows_stay_constant(isa: str, value: int) -> None:
    source = np.full((4, 100), value * 128, np.int16)
    out = np.empty(100, np.uint8)
    for taps in (TAPS, np.array([16384, 16384, 0, 0], np.int16)):
        rows.spline_bytes(source, taps, out, isa)
        assert (out == value).all()


def test_spline_floats(isa: str, rng: np.random.Generator) -> None:
    taps = (TAPS / 32768.0).astype(np.float32)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (4, n)).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.spline_floats(source, taps, out.view, isa)
        rows.spline_floats(source, taps, baseline.view, _native.isa_levels()[0])
        assert np.abs(out.view - taps.astype(np.float64) @ source).max() <= 255 * 2.0**-21
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()


@pytest.mark.parametrize("scale", [128, 32000])
def test_normalise(isa: str, scale: int, rng: np.random.Generator) -> None:
    full = 255.0 if scale == 128 else 1.0
    for width in WIDTHS:
        weight = 10.0 ** rng.uniform(-9, 0, width + 3)
        colour = rng.uniform(0, full, (3, width + 3))
        planes = np.vstack([colour * weight, weight]).astype(np.float32)
        out, baseline = Guarded((3, width + 3), np.int16), Guarded((3, width + 3), np.int16)
        rows.normalise(planes, width, scale, out.view, isa)
        rows.normalise(planes, width, scale, baseline.view, _native.isa_levels()[0])
        wide = planes.astype(np.float64)
        want = wide[:3, :width] / wide[3, :width] * scale
        assert np.abs(out.view[:, :width] - want).max() <= 0.5 + 0.01
        assert (out.view == baseline.view).all()
        assert untouched(out.view[:, width:])
        assert out.intact()


def test_nothing_over_nothing_is_nothing(isa: str) -> None:
    out = np.full((3, 40), 77, np.int16)
    rows.normalise(np.zeros((4, 40), np.float32), 40, 128, out, isa)
    assert (out == 0).all()


def test_mix_taps(isa: str, rng: np.random.Generator) -> None:
    taps = (TAPS / 32768.0).astype(np.float32)
    for width in WIDTHS:
        weights = (10.0 ** rng.uniform(-9, 0, (4, width))).astype(np.float32)
        weights[1:, 0] = 0  # one row has it all
        out, baseline = Guarded((4, width + 1), np.int16), Guarded((4, width + 1), np.int16)
        rows.mix_taps(weights, taps, out.view, isa)
        rows.mix_taps(weights, taps, baseline.view, _native.isa_levels()[0])
        want = exact_mixed_taps(weights, taps)
        assert np.abs(out.view[:, :width] / 32768.0 - want).max() <= 1.01 / 32768
        assert (out.view == baseline.view).all()
        assert untouched(out.view[:, width:])
        assert out.intact()
