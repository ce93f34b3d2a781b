"""lerp_rows, lerp_columns, lerp_alpha, alpha_row and resize_bilinear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded
from reference.upsample import resize_bilinear as exact_resize

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


def test_lerp_rows(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        a, b = rng.uniform(0, 1, (2, n)).astype(np.float32)
        for t in (0.0, 0.3, 1.0):
            out = Guarded(n, np.float32)
            rows.lerp_rows(a, b, t, out.view, isa)
            want = a.astype(np.float64) * (1 - t) + b.astype(np.float64) * t
            assert np.abs(out.view - want).max() <= 2e-7
            assert out.intact()
            same = Guarded(n, np.float32)
            rows.lerp_rows(a, b, t, same.view, _native.isa_levels()[0])
            assert (out.view == same.view).all()


@pytest.mark.parametrize("cells", [1, 2, 9, 40])
def test_lerp_columns(isa: str, cells: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 1, cells + 1).astype(np.float32)
        index = np.sort(rng.integers(0, cells, n))
        starts = np.searchsorted(index, np.arange(cells + 1)).astype(np.int32)
        t = rng.uniform(0, 1, n).astype(np.float32)
        out, baseline = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.lerp_columns(row, starts, t, out.view, isa)
        rows.lerp_columns(row, starts, t, baseline.view, _native.isa_levels()[0])
        wide = t.astype(np.float64)
        want = row[index] * (1 - wide) + row[index + 1] * wide
        assert np.abs(out.view - want).max() <= 2e-7
        assert out.view.tobytes() == baseline.view.tobytes()
        assert out.intact()


def test_lerp_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        a, b = rng.integers(0, 16385, (2, n)).astype(np.int16)
        b[0] = a[0]
        for t in (0, 1, 10000, 32767):
            out = Guarded(n, np.int16)
            rows.lerp_alpha(a, b, t, out.view, isa)
            # Written with wide integers, as the kernel is defined: rounded halves up.
            want = a + ((b.astype(np.int64) - a) * t + 2**14 >> 15)
            assert (out.view == want).all()
            assert out.view[0] == a[0]
            assert out.intact()


def test_alpha_bytes(isa: str) -> None:
    every = np.arange(256, dtype=np.uint8)
    for n in WIDTHS:
        row = np.resize(every, n)
        out = Guarded(n, np.int16)
        rows.alpha_bytes(row, out.view, isa)
        assert (out.view == np.floor(row / 255.0 * 16384 + 0.5)).all()
        assert out.intact()


def test_alpha_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 1, n).astype(np.float32)
        row[0] = 1.0
        out = Guarded(n, np.int16)
        rows.alpha_row(row, out.view, isa)
        assert (out.view == np.floor(row.astype(np.float64) * 16384 + 0.5)).all()
        assert out.view[0] == 16384
        assert out.intact()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("source", [(1, 1), (1, 9), (7, 1), (5, 8), (32, 32)])
@pytest.mark.parametrize("target", [(1, 1), (3, 70), (41, 5), (64, 64), (33, 57)])
def test_resize_against_the_definition(
    isa: str,
    dtype: type,
    source: tuple[int, int],
    target: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    mask = rng.uniform(0, 1, source).astype(np.float32)
    if dtype is np.uint8:
        mask = (mask * 255).astype(np.uint8)
    height, width = target
    got = _native.resize_bilinear(mask, width, height, isa=isa)
    assert got.shape == target
    assert got.dtype == np.float32
    assert np.abs(got - exact_resize(mask, width, height)).max() <= 1e-6
    results = [
        _native.resize_bilinear(mask, width, height, isa=level) for level in _native.isa_levels()
    ]
    assert all(result.tobytes() == got.tobytes() for result in results)


def test_same_size_is_the_identity(isa: str, rng: np.random.Generator) -> None:
    mask: NDArray[np.float32] = rng.uniform(0, 1, (17, 23)).astype(np.float32)
    assert (_native.resize_bilinear(mask, 23, 17, isa=isa) == mask).all()


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_constant_stays_constant(isa: str, value: float) -> None:
    mask = np.full((5, 7), value, np.float32)
    assert (_native.resize_bilinear(mask, 100, 90, isa=isa) == np.float32(value)).all()


def test_values_stay_between_0_and_1(isa: str, rng: np.random.Generator) -> None:
    mask = rng.integers(0, 2, (32, 32)).astype(np.float32)
    got = _native.resize_bilinear(mask, 333, 222, isa=isa)
    assert got.min() == 0.0
    assert got.max() == 1.0


def test_strided_masks(isa: str, rng: np.random.Generator) -> None:
    mask = rng.uniform(0, 1, (20, 30)).astype(np.float32)
    view = mask[::-2, ::3]
    want = _native.resize_bilinear(np.ascontiguousarray(view), 50, 40, isa=isa)
    assert (_native.resize_bilinear(view, 50, 40, isa=isa) == want).all()
