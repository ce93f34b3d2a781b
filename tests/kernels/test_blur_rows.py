"""The tap sums of the blur: sum_rows and convolve."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded

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
        assert (got == run("sum_rows", n, source, taps, isa=_native.isa_levels()[0])).all()


@pytest.mark.parametrize("count", [1, 3, 15, 33])
def test_convolve(isa: str, count: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, n + count - 1).astype(np.float32)
        taps = rng.uniform(0, 1, count).astype(np.float32)
        got = run("convolve", n, source, taps, n, isa=isa)
        want = np.correlate(source.astype(np.float64), taps.astype(np.float64), "valid")
        assert np.abs(got - want).max() <= bound(taps, 255)
        assert (got == run("convolve", n, source, taps, n, isa=_native.isa_levels()[0])).all()
