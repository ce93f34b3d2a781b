"""The symmetric FIRs: fir_columns, fir_row, fir_columns_q6, fir_row_q7."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded
from reference.fir import fir_columns as exact_columns
from reference.fir import fir_row as exact_row

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
RADII = pytest.mark.parametrize("radius", [0, 1, 3, 7, 16])


def half_taps(rng: np.random.Generator, radius: int) -> NDArray[np.float32]:
    """A positive, symmetric kernel that sums to 1, given by its middle and one half."""
    weights = rng.uniform(0.1, 1, radius + 1)
    return np.asarray(weights / (2 * weights.sum() - weights[0]), np.float32)


def q15(taps: NDArray[np.float32]) -> NDArray[np.int16]:
    rounded = np.round(taps * 32768.0).astype(int)
    rounded[0] = min(32768 - 2 * rounded[1:].sum(), 32767)
    return rounded.astype(np.int16)


@RADII
def test_fir_columns(isa: str, radius: int, rng: np.random.Generator) -> None:
    taps = half_taps(rng, radius)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (2 * radius + 1, n)).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.fir_columns(source, taps, out.view, isa)
        rows.fir_columns(source, taps, baseline.view, _native.isa_levels()[0])
        assert np.abs(out.view - exact_columns(source, taps)).max() <= 255 * 2.0**-20
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()


@RADII
def test_fir_row(isa: str, radius: int, rng: np.random.Generator) -> None:
    taps = half_taps(rng, radius)
    for n in WIDTHS:
        source = rng.uniform(0, 255, n + 2 * radius).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.fir_row(source, taps, n, out.view, isa)
        rows.fir_row(source, taps, n, baseline.view, _native.isa_levels()[0])
        assert np.abs(out.view - exact_row(source, taps, 1)).max() <= 255 * 2.0**-20
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()


@RADII
def test_fir_columns_q6(isa: str, radius: int, rng: np.random.Generator) -> None:
    taps = q15(half_taps(rng, radius))
    for n in WIDTHS:
        source = rng.integers(0, 256, (2 * radius + 1, n), dtype=np.uint8)
        source[:, 0] = 255
        out, baseline = Guarded(n, np.int16), Guarded(n, np.int16)
        rows.fir_columns_q6(source, taps, out.view, isa)
        rows.fir_columns_q6(source, taps, baseline.view, _native.isa_levels()[0])
        want = exact_columns(source, taps / 32768.0)
        # Each of the products is rounded to 1/64.
        assert np.abs(out.view / 64.0 - want).max() <= (radius + 1) * 0.5 / 64
        assert (out.view == baseline.view).all()
        assert out.intact()


@RADII
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_fir_row_q7(isa: str, radius: int, channels: int, rng: np.random.Generator) -> None:
    taps = q15(half_taps(rng, radius))
    for n in WIDTHS:
        source = rng.integers(0, 255 * 64 + 1, n + 2 * radius * channels).astype(np.int16)
        source[: 2 * radius * channels + 1] = 255 * 64
        out, baseline = Guarded(n, np.int16), Guarded(n, np.int16)
        rows.fir_row_q7(source, taps, channels, n, out.view, isa)
        rows.fir_row_q7(source, taps, channels, n, baseline.view, _native.isa_levels()[0])
        want = exact_row(source / 64.0, taps / 32768.0, channels)
        assert np.abs(out.view / 128.0 - want).max() <= (radius + 1) * 0.5 / 64
        assert (out.view == baseline.view).all()
        assert out.intact()
