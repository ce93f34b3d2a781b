"""Masks stretched and made alpha: in floats, and in 16-bit integers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, readable_beyond, written
from tests.native.reference.upsample import lerp as exact_lerp
from tests.native.reference.upsample import resize_bilinear as exact_resize

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 1025]
ONE = 16384


def test_lerp_rows(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        a, b = rng.uniform(0, 1, (2, n)).astype(np.float32)
        for t in (0.0, 0.3, 1.0):
            got = written(rows.lerp_rows, isa, n, np.float32, a, b, t)
            want = a.astype(np.float64) * (1 - t) + b.astype(np.float64) * t
            assert np.abs(got - want).max() <= 2e-7


@pytest.mark.parametrize("cells", [1, 2, 9, 40])
def test_lerp_columns(isa: str, cells: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 1, cells + 1).astype(np.float32)
        index = np.sort(rng.integers(0, cells, n))
        starts = np.searchsorted(index, np.arange(cells + 1)).astype(np.int32)
        t = rng.uniform(0, 1, n).astype(np.float32)
        got = written(rows.lerp_columns, isa, n, np.float32, row, starts, t)
        assert np.abs(got - exact_lerp(row, index, t)).max() <= 2e-7


@pytest.mark.parametrize("planes", [4, 6])
@pytest.mark.parametrize("cells", [1, 2, 9, 40])
def test_lerp_cells(isa: str, planes: int, cells: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        # With one column more than cells the last cell has a right neighbour.
        columns = cells + n % 2
        upper, lower = rng.uniform(-1, 1, (2, columns, planes)).astype(np.float32)
        index = np.sort(rng.integers(0, cells, n))
        starts = np.searchsorted(index, np.arange(cells + 1)).astype(np.int32)
        t = rng.uniform(0, 1, n).astype(np.float32)
        out = Guarded((planes, n), np.float32)
        for down in (0.0, 0.3):
            given = [readable_beyond(cells_of_row.ravel(), 4) for cells_of_row in (upper, lower)]
            rows.lerp_cells(*given, down, columns, starts, t, out.view, isa)
            nodes = upper * (1.0 - down) + lower.astype(np.float64) * down
            nodes = np.concatenate([nodes, nodes[-1:]])
            for p in range(planes):
                want = exact_lerp(nodes[:, p], index, t)
                assert np.abs(out.view[p] - want).max() <= 5e-7
        assert out.intact()


@pytest.mark.parametrize("cells", [1, 9])
def test_lerp_cells_of_a_part_of_the_columns(
    isa: str, cells: int, rng: np.random.Generator
) -> None:
    upper, lower = rng.uniform(-1, 1, (2, 20 * 6 + 4)).astype(np.float32)
    starts = np.arange(0, 21 * 11, 11, dtype=np.int32)
    t = rng.uniform(0, 1, int(starts[-1])).astype(np.float32)
    whole, part = np.zeros((2, 6, t.size), np.float32)
    rows.lerp_cells(upper, lower, 0.3, 20, starts, t, whole, isa)
    rows.lerp_cells(upper[30:], lower[30:], 0.3, 15, starts[5 : 6 + cells], t, part, isa)
    inside = slice(starts[5], starts[5 + cells])
    assert part[:, inside].tobytes() == whole[:, inside].tobytes()
    assert not part[:, : starts[5]].any()


@pytest.mark.parametrize("ascent", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_lerp_columns_q14(isa: str, ascent: float, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        index = np.cumsum(rng.random(n) < ascent).astype(np.int16)
        row = rng.integers(0, ONE + 1, int(index[-1]) + 2).astype(np.int16)
        row[rng.random(row.size) < 0.3], row[rng.random(row.size) < 0.3] = 0, ONE
        t = rng.integers(0, 32768, n).astype(np.int16)
        t[0], t[-1] = 0, 32767
        given = readable_beyond(row, 32)
        got = written(rows.lerp_columns_q14, isa, n, np.int16, given, index, t)
        assert np.abs(got - exact_lerp(row, index, t / 32768)).max() <= 0.5
        assert (got[t == 0] == row[index[t == 0]]).all()
        alike = row[index] == row[index + 1]
        assert (got[alike] == row[index[alike]]).all()


def test_lerp_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        a, b = rng.integers(0, ONE + 1, (2, n)).astype(np.int16)
        b[0] = a[0]
        for t in (0, 1, 10000, 32767):
            got = written(rows.lerp_alpha, isa, n, np.int16, a, b, t)
            # Written with wide integers, as the kernel is defined: rounded halves up.
            want = a + ((b.astype(np.int64) - a) * t + 2**14 >> 15)
            assert (got == want).all()
            assert got[0] == a[0]


def test_alpha_bytes(isa: str) -> None:
    every = np.arange(256, dtype=np.uint8)
    for n in [*WIDTHS, 256]:
        row = np.resize(every, n)
        got = written(rows.alpha_bytes, isa, n, np.int16, row)
        assert (got == np.floor(row / 255.0 * ONE + 0.5)).all()


def test_alpha_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.uniform(0, 1, n).astype(np.float32)
        row[0] = 1.0
        got = written(rows.alpha_row, isa, n, np.int16, row)
        assert (got == np.floor(row.astype(np.float64) * ONE + 0.5)).all()
        assert got[0] == ONE


def test_alpha_row_of_any_floats(isa: str) -> None:
    row = np.array([np.nan, -np.inf, -3e38, -0.25, 1.25, 3e38, np.inf] * 9, np.float32)
    got = written(rows.alpha_row, isa, row.size, np.int16, row)
    assert (got == np.array([0, 0, 0, 0, ONE, ONE, ONE] * 9)).all()


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


def test_no_value_leaves_those_of_the_mask(isa: str, rng: np.random.Generator) -> None:
    for source in ((1, 1), (2, 3), (7, 40), (33, 31)):
        for low in (0.0, 1e-9, 0.25, 1 - 2.0**-20):
            mask = rng.uniform(low, 1, source).astype(np.float32)
            mask[rng.random(source) < 0.3] = low
            mask[rng.random(source) < 0.3] = 1
            for width, height in ((1, 1), (64, 48), (333, 222), (5, 90)):
                got = _native.resize_bilinear(mask, width, height, isa=isa)
                assert got.min() >= min(low, mask.min()) * (1 - 1e-6)
                assert got.min() >= 0
                assert got.max() <= 1


def test_strided_masks(isa: str, rng: np.random.Generator) -> None:
    mask = rng.uniform(0, 1, (20, 30)).astype(np.float32)
    view = mask[::-2, ::3]
    want = _native.resize_bilinear(np.ascontiguousarray(view), 50, 40, isa=isa)
    assert (_native.resize_bilinear(view, 50, 40, isa=isa) == want).all()
