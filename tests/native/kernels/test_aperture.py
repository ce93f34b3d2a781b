"""The blur by an aperture's shape: sum_columns, gather."""

from __future__ import annotations

import numpy as np
import pytest

from defocus import _native
from guards import Guarded, untouched
from tests.native.reference.aperture import gather as exact_gather
from tests.native.reference.aperture import sum_columns as exact_sum_columns

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


@pytest.mark.parametrize("radius", [0, 1, 3, 7, 12])
def test_sum_columns(isa: str, radius: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        source = rng.uniform(0, 255, (2 * radius + 1, n)).astype(np.float32)
        shape = (radius + 1, n + 3)
        out, baseline = Guarded(shape, np.float32), Guarded(shape, np.float32)
        rows.sum_columns(source, out.view, isa)
        rows.sum_columns(source, baseline.view, _native.isa_levels()[0])
        bound = 255 * (2 * radius + 1) * 2.0**-22
        assert np.abs(out.view[:, :n] - exact_sum_columns(source)).max() <= bound
        assert out.view.tobytes() == baseline.view.tobytes()
        assert untouched(out.view[:, n:])
        assert out.intact()


@pytest.mark.parametrize("taps", [1, 2, 5, 60])
def test_gather(isa: str, taps: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        samples = rng.uniform(0, 255, 500 + n).astype(np.float32)
        offsets = rng.integers(0, 501, taps).astype(np.int32)
        offsets[-1] = 500
        weights = rng.dirichlet([1.0] * taps).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.gather(samples, offsets, weights, n, out.view, isa)
        rows.gather(samples, offsets, weights, n, baseline.view, _native.isa_levels()[0])
        want = exact_gather(samples, offsets, weights, n)
        assert np.abs(out.view - want).max() <= 255 * (taps + 1) * 2.0**-24
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()


def test_nothing_stays_nothing(isa: str) -> None:
    """No rounding may leave a weight where there is none: it would be divided by."""
    sums, out = np.empty((4, 90), np.float32), np.empty(80, np.float32)
    source = np.zeros((7, 90), np.float32)
    source[:, -1] = 1
    rows.sum_columns(source, sums, isa)
    rows.gather(sums, np.array([0, 95, 187], np.int32), np.ones(3, np.float32) / 3, 80, out, isa)
    assert (out == 0).all()
