"""The tap sums of the blur: sum_rows, accumulate, decimate, convolve, expand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, untouched

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
Floats = NDArray[np.float32]


def run(kernel: str, n: int, *arguments: object, isa: str) -> Floats:
    """Call a kernel that writes `n` samples, and insist that it writes no more."""
    out = Guarded(n, np.float32)
    getattr(rows, kernel)(*arguments, out.view, isa)
    assert out.intact()
    samples: Floats = out.view
    return samples


def bound(taps: Floats, peak: float) -> float:
    """Rounding of a float32 sum: each of its terms may lose half a unit in the last place."""
    return float(np.abs(taps).sum()) * peak * len(taps) * 2.0**-24 + 1e-30


@pytest.mark.parametrize("count", [1, 2, 4, 9, 33])
def test_sum_rows(isa: str, count: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, (count, n)).astype(np.float32)
        taps = rng.uniform(0, 1, count).astype(np.float32)
        got = run("sum_rows", n, source, taps, isa=isa)
        want = taps.astype(np.float64) @ source.astype(np.float64)
        assert np.abs(got - want).max() <= bound(taps, 255)
        assert (got == run("sum_rows", n, source, taps, isa="baseline")).all()


@pytest.mark.parametrize("count", [1, 3, 15, 33])
def test_convolve(isa: str, count: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, n + count - 1).astype(np.float32)
        taps = rng.uniform(0, 1, count).astype(np.float32)
        got = run("convolve", n, source, taps, n, isa=isa)
        want = np.correlate(source.astype(np.float64), taps.astype(np.float64), "valid")
        assert np.abs(got - want).max() <= bound(taps, 255)
        assert (got == run("convolve", n, source, taps, n, isa="baseline")).all()


@pytest.mark.parametrize("step", [2, 4, 8, 64])
def test_decimate(isa: str, step: int, rng: np.random.Generator) -> None:
    taps = rng.uniform(0, 1, 2 * step - 1).astype(np.float32)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (n - 1) * step + taps.size).astype(np.float32)
        got = run("decimate", n, source, taps, step, n, isa=isa)
        windows = np.lib.stride_tricks.sliding_window_view(source.astype(np.float64), taps.size)
        want = windows[::step] @ taps.astype(np.float64)
        assert np.abs(got - want).max() <= bound(taps, 255)
        assert (got == run("decimate", n, source, taps, step, n, isa="baseline")).all()


@pytest.mark.parametrize("step", [2, 4, 8, 64])
def test_expand(isa: str, step: int, rng: np.random.Generator) -> None:
    taps = rng.uniform(0, 1, (4, step)).astype(np.float32)
    for n in WIDTHS:
        source = rng.uniform(0, 255, (n - 1) // step + 4).astype(np.float32)
        got = run("expand", n, source, taps, n, isa=isa)
        want = [
            sum(float(taps[k, i % step]) * float(source[i // step + k]) for k in range(4))
            for i in range(n)
        ]
        assert np.abs(got - want).max() <= bound(taps[:, 0] * 0 + 1, 255)
        assert (got == run("expand", n, source, taps, n, isa="baseline")).all()


def test_accumulate(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, n).astype(np.float32)
        start = rng.uniform(0, 255, (3, n)).astype(np.float32)
        weights = np.array([0.7, 0.2, 0.1], np.float32)
        sums = Guarded((3, n + 1), np.float32)
        sums.view[:, :n] = start
        rows.accumulate(source, weights, sums.view, isa)
        assert (sums.view[:, :n] == start + weights[:, np.newaxis] * source).all()
        assert untouched(sums.view[:, n:])
        assert sums.intact()
