"""The way up: expand, expand_q7, spline_bytes, spline_blend, spline_normalised."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, untouched
from reference.blend import blend as exact_blend
from reference.expand import expand as exact_expand
from reference.expand import spline_normalised as exact_normalised
from reference.light import to_code

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


def test_spline_blend(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = q7_rows(rng, n)
        front = rng.integers(0, 256, n, dtype=np.uint8)
        alpha = np.clip(rng.integers(-4000, 20385, n), 0, 16384).astype(np.int16)
        out, baseline = Guarded(n, np.uint8), Guarded(n, np.uint8)
        rows.spline_blend(source, TAPS, front, alpha, out.view, isa)
        rows.spline_blend(source, TAPS, front, alpha, baseline.view, _native.isa_levels()[0])
        back = exact_spline(source)
        want = exact_blend(front[:, None], back[:, None], alpha / 16384.0)[:, 0]
        assert np.abs(out.view - want).max() <= 0.5 + 4 / 128
        assert (out.view[alpha == 16384] == front[alpha == 16384]).all()
        assert (out.view == baseline.view).all()
        assert out.intact()


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


@pytest.mark.parametrize("linear", [False, True])
def test_spline_normalised(isa: str, linear: bool, rng: np.random.Generator) -> None:
    taps = (TAPS / 32768.0).astype(np.float32)
    for width in WIDTHS:
        weight = 10.0 ** rng.uniform(-6, 0, (4, 1, width + 3))
        colour = rng.uniform(0, 1 if linear else 255, (4, 3, width + 3))
        source = np.concatenate([colour * weight, weight], axis=1).astype(np.float32)
        alpha = np.zeros(3 * width, np.int16)
        alpha[3 * (width // 2) :] = 16384
        seen = width // 2
        out, baseline = Guarded((3, width + 1), np.uint8), Guarded((3, width + 1), np.uint8)
        rows.spline_normalised(source, taps, alpha, out.view, linear, isa)
        rows.spline_normalised(source, taps, alpha, baseline.view, linear, _native.isa_levels()[0])
        want = exact_normalised(source, taps, width)[:, :seen]
        if linear:
            want = to_code(want)
        # The polynomial of the transfer function is good to .04 of a code.
        assert seen == 0 or np.abs(out.view[:, :seen] - want).max() <= 0.5 + 0.05
        # What a solid subject hides is anyone's guess, but no level may guess beyond the row.
        assert (out.view[:, :seen] == baseline.view[:, :seen]).all()
        assert untouched(out.view[:, width:])
        assert out.intact()


def test_nothing_over_nothing_is_a_number(isa: str) -> None:
    out = np.full((3, 40), 77, np.uint8)
    nothing, alpha = np.zeros((4, 4, 40), np.float32), np.zeros(120, np.int16)
    rows.spline_normalised(nothing, np.full(4, 0.25, np.float32), alpha, out, False, isa)
    assert (out == 0).all()
