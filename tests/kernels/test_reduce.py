"""The way down: reduce_bytes, _floats, _background and _weights, and halve."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, readable_beyond, untouched
from reference.light import to_linear
from reference.reduce import halve as exact_halve
from reference.reduce import window_sums

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
COUNTS = pytest.mark.parametrize("count", [2, 4, 8])


def factors(rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.uniform(-0.1, 0.1, (3, 3)).astype(np.float32)


def close(got: NDArray[np.float32], want: NDArray[np.float64]) -> bool:
    """The moments are below 255 * 120 and the factors below .1; float32 has 24 bits."""
    return bool(np.abs(got - want).max() <= 255 * 120 * 0.1 * 3 * 2.0**-22)


@COUNTS
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_reduce(isa: str, count: int, dtype: str, rng: np.random.Generator) -> None:
    kernel = {"uint8": rows.reduce_bytes, "float32": rows.reduce_floats}[dtype]
    for n in WIDTHS:
        source = rng.integers(0, 256, (count, n)).astype(dtype)
        f = factors(rng)
        start = rng.uniform(0, 255, (3, n)).astype(np.float32)
        sums, baseline = Guarded((3, n + 1), np.float32), Guarded((3, n + 1), np.float32)
        for out, level in ((sums, isa), (baseline, _native.isa_levels()[0])):
            out.view[:, :n] = start
            kernel(source, f, out.view, level)
            assert untouched(out.view[:, n:])
            assert out.intact()
        assert close(sums.view[:, :n], start + window_sums(source, f))
        assert sums.view.tobytes() == baseline.view.tobytes()


def test_the_largest_bytes_do_not_overflow(isa: str) -> None:
    source = np.full((8, 100), 255, np.uint8)
    f = np.eye(3, dtype=np.float32)
    sums = np.zeros((3, 100), np.float32)
    rows.reduce_bytes(source, f, sums, isa)
    assert (sums == [[255 * 8], [255 * 36], [255 * 120]]).all()


@COUNTS
@pytest.mark.parametrize("linear", [False, True])
def test_reduce_background(isa: str, count: int, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        n = 3 * width
        source = rng.integers(0, 256, (count, n), dtype=np.uint8)
        alpha = rng.integers(0, 16385, (count, width)).astype(np.int16)
        # Stretches that are all subject or all background take ways of their own.
        alpha[:, : width // 3] = 16384
        alpha[:, width // 3 : 2 * width // 3] = 0
        f = factors(rng)
        sums, baseline = Guarded((3, n + 1), np.float32), Guarded((3, n + 1), np.float32)
        for out, level in ((sums, isa), (baseline, _native.isa_levels()[0])):
            out.view[:, :n] = 0
            rows.reduce_background(source, readable_beyond(alpha), f, out.view, linear, level)
            assert untouched(out.view[:, n:])
            assert out.intact()
        assert sums.view.tobytes() == baseline.view.tobytes()
        weight = (1 - alpha / 16384.0).repeat(3, axis=1)
        values = 255 * to_linear(source) if linear else source
        got = sums.view[:, :n].astype(np.float64) * (255 if linear else 1)
        # A decoded code may be off by 3e-4 of full scale.
        slack = 255 * 3e-4 * 120 * 0.1 * 3 if linear else 0
        assert np.abs(got - window_sums(values * weight, f)).max() <= slack + 0.01
        assert (sums.view[:, : 3 * (width // 3)] == 0).all()


@COUNTS
def test_reduce_weights(isa: str, count: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        alpha = rng.integers(0, 16385, (count, n)).astype(np.int16)
        f = factors(rng)
        sums, baseline = Guarded((3, n + 1), np.float32), Guarded((3, n + 1), np.float32)
        for out, level in ((sums, isa), (baseline, _native.isa_levels()[0])):
            out.view[:, :n] = 0
            rows.reduce_weights(alpha, f, out.view, level)
            assert untouched(out.view[:, n:])
            assert out.intact()
        assert sums.view.tobytes() == baseline.view.tobytes()
        assert close(sums.view[:, :n], window_sums(1 - alpha / 16384.0, f))


def test_halve(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 255, 2 * n + 2).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.halve(row, n, out.view, isa)
        rows.halve(row, n, baseline.view, _native.isa_levels()[0])
        assert np.abs(out.view - exact_halve(row)).max() <= 255 * 2.0**-22
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()
