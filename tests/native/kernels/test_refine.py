"""The kernels of matte refinement: cells, windows, the guided filter, unmixing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from defocus import _native
from guards import Guarded, readable_beyond
from tests.native.reference import refine
from tests.native.reference.light import to_linear

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


def compare(
    isa: str,
    kernel: str,
    shape: int | tuple[int, ...],
    dtype: DTypeLike,
    *given: Any,
    start: Any = 0,
) -> NDArray[Any]:
    """What the kernel writes into guarded memory, at this level as at the baseline."""
    out, baseline = Guarded(shape, dtype), Guarded(shape, dtype)
    out.view[...] = baseline.view[...] = start
    getattr(rows, kernel)(*given, out.view, isa)
    getattr(rows, kernel)(*given, baseline.view, _native.isa_levels()[0])
    assert out.intact()
    assert out.view.tobytes() == baseline.view.tobytes()
    return out.view


def planes(rng: np.random.Generator, count: int, n: int) -> NDArray[np.float32]:
    return rng.uniform(0, 255, (count, n)).astype(np.float32)


def test_add_rows(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        for count in range(1, 8):
            given = rng.integers(0, 256, (count, n), dtype=np.uint8)
            got = compare(isa, "add_rows", n, np.uint16, given)
            assert (got == given.sum(axis=0)).all()


@pytest.mark.parametrize("cell", [1, 2, 3, 12, 40])
def test_fold_cells(isa: str, cell: int, rng: np.random.Generator) -> None:
    for cells in (1, 2, 7, 31):
        sums = rng.integers(0, 1786, (cells * cell, 3)).astype(np.uint16)
        got = compare(isa, "fold_cells", (3, cells), np.float32, sums, cell, 0.25)
        assert (got == sums.reshape(cells, cell, 3).sum(axis=1).T * 0.25).all()


@pytest.mark.parametrize("cell", [1, 3, 12])
def test_fold_alpha(isa: str, cell: int, rng: np.random.Generator) -> None:
    for cells in (1, 2, 7, 31):
        alpha = rng.integers(0, 16385, cells * cell).astype(np.int16)
        got = compare(isa, "fold_alpha", cells, np.float32, alpha, cell, 1 / cell, start=0.5)
        want = 0.5 + alpha.reshape(cells, cell).mean(axis=1) / 16384
        assert np.abs(got - want).max() <= 2e-7


def sums_of_windows(sums: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """The layout of the kernels: groups of four planes side by side, with zeros at both ends."""
    count, n = sums.shape
    groups = np.zeros((-(-count // 4) * 4, n + 2 * radius))
    groups[:count, radius : radius + n] = sums
    return np.ascontiguousarray(groups.reshape(-1, 4, n + 2 * radius).transpose(0, 2, 1))


@pytest.mark.parametrize("radius", [0, 1, 3, 30])
def test_windows_against_the_definition(isa: str, radius: int, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        count = 1 + n % 14
        sums = planes(rng, count, n).astype(np.float64)
        for add, drop in (planes(rng, 2 * count, n).reshape(2, count, n) for _ in range(2)):
            start = sums_of_windows(sums, radius)
            got = compare(
                isa, "slide_window", start.shape, np.float64, add, drop, radius, start=start
            )
            sums += add.astype(np.float64) - drop
            assert (got == sums_of_windows(sums, radius)).all()
        counts = np.array([(abs(np.arange(n) - i) <= radius).sum() for i in range(n)])
        given = sums_of_windows(sums, radius)
        got = compare(isa, "box_row", (count, n), np.float32, given, radius, 1.0 / counts, 0.5)
        want = 0.5 * np.stack([refine.box_mean(line[None], radius)[0] for line in sums])
        assert np.abs(got - want).max() <= 1e-7 * 1300


def test_a_window_without_anything_is_zero_after_one_with(isa: str) -> None:
    sums = np.zeros((1, 50))
    sums[0, :20] = np.linspace(1e-7, 0.7, 20)
    out = np.empty((1, 50), np.float32)
    rows.box_row(sums_of_windows(sums, 3), 3, np.full(50, 1 / 7), 1.0, out, isa)
    assert np.abs(out[0, 23:]).max() <= 1e-15


def test_guide_moments_and_inverse(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        guide = planes(rng, 3, n)
        got = compare(isa, "guide_products", (6, n), np.float32, guide)
        wide = guide.astype(np.float64)
        pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
        want = np.stack([wide[i] * wide[j] for i, j in pairs])
        assert np.allclose(got, want, rtol=1e-7, atol=0)

        # Some windows with all colours, some of one colour only.
        spread = rng.uniform(-40, 40, (9, 3, n)) * np.where(rng.random(n) < 0.3, 0, 1)
        samples = wide + spread
        means = samples.mean(axis=0)
        products = np.stack([(samples[:, i] * samples[:, j]).mean(axis=0) for i, j in pairs])
        given = np.concatenate([means, products]).astype(np.float32)
        got = compare(isa, "guide_inverse", (6, n), np.float32, given, 6.5)
        exact = given.astype(np.float64)
        inverse = refine.covariance_inverse(exact[:3, None], exact[3:, None], 6.5)[:, :, 0]
        want = np.stack([inverse[i, j] for i, j in pairs])
        assert np.abs(got - want).max() <= 1e-6 * np.abs(want).max()


def test_guide_coefficients(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        guide, mask = planes(rng, 3, n), rng.uniform(0, 1, n).astype(np.float32)
        got = compare(isa, "mask_products", (4, n), np.float32, guide, mask)
        want = np.concatenate([mask[None], mask * guide.astype(np.float64)])
        assert np.allclose(got, want, rtol=1e-7, atol=0)

        means = planes(rng, 9, n)
        inverse = rng.uniform(-0.1, 0.1, (6, n)).astype(np.float32)
        products = np.concatenate([mask[None], mask * guide]).astype(np.float32)
        got = compare(isa, "guide_coefficients", (4, n), np.float32, means, inverse, products)
        wide, inv = means.astype(np.float64), inverse.astype(np.float64)
        matrix = np.stack([inv[[0, 1, 2]], inv[[1, 3, 4]], inv[[2, 4, 5]]])
        cross = products[1:].astype(np.float64) - wide[:3] * mask
        a = np.einsum("ijx,jx->ix", matrix, cross)
        b = mask - (a * wide[:3]).sum(axis=0)
        assert np.allclose(got, np.concatenate([a, b[None]]), rtol=2e-7, atol=1e-4)


def test_guide_apply_and_guided_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        pixels = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        coefficients = rng.uniform(-0.01, 0.01, (4, n)).astype(np.float32)
        coefficients[3] = rng.uniform(-0.5, 1.5, n)
        guide = np.ascontiguousarray(pixels.T, np.float32)
        explained = coefficients[3] + (coefficients[:3].astype(np.float64) * guide).sum(axis=0)
        want = refine.smooth_step(explained, 0.05, 0.95)
        slope = 1 / 0.9
        got = compare(isa, "guide_apply", n, np.float32, coefficients, guide, 0.05, slope)
        assert np.abs(got - want).max() <= 2e-6
        alpha = compare(isa, "guided_alpha", n, np.int16, pixels, coefficients, 0.05, slope)
        assert np.abs(alpha - want * 16384).max() <= 0.5 + 2e-6 * 16384
        assert alpha.min() >= 0
        assert alpha.max() <= 16384


def test_alpha_floats(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        alpha = rng.integers(0, 16385, n).astype(np.int16)
        got = compare(isa, "alpha_floats", n, np.float32, alpha)
        assert (got == alpha / 16384).all()


def test_parts(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front, back, guide = planes(rng, 3, n), planes(rng, 3, n), planes(rng, 3, n)
        alpha = np.clip(rng.uniform(-0.5, 1.5, n), 0, 1).astype(np.float32)
        got = compare(isa, "part_products", (7, n), np.float32, front, back, alpha)
        a = alpha.astype(np.float64)
        want = np.concatenate([a * front, (1 - a) * back, a[None]])
        assert np.abs(got - want).max() <= 3e-5

        means = got.copy()
        got = compare(isa, "part_colours", (6, n), np.float32, means)
        wide = means.astype(np.float64)
        quotients = np.concatenate([wide[:3] / (wide[6] + 1e-5), wide[3:6] / (1 - wide[6] + 1e-5)])
        assert np.allclose(got, quotients, rtol=1e-2, atol=1e-3)
        certain = (alpha > 0.01) & (alpha < 0.99)
        assert np.allclose(got[:, certain], quotients[:, certain], rtol=2e-5)

        parts = np.concatenate([front, back])
        got = compare(isa, "fuse_parts", (3, n), np.float32, guide, alpha, parts)
        want = np.clip(refine.fused(guide, a, front.astype(np.float64), back), 0, 255)
        assert np.abs(got - want).max() <= 2e-4


def test_unmix(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        pixels = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        alpha = np.clip(rng.integers(-8000, 24000, n), 0, 16384).astype(np.int16)
        parts = planes(rng, 6, n)
        front = compare(isa, "unmix_foreground", (n, 3), np.uint8, pixels, alpha, parts)
        a = alpha[:, None] / 16384
        wide = parts.astype(np.float64).T
        want = np.clip(refine.fused(pixels.astype(np.float64), a, wide[:, :3], wide[:, 3:]), 0, 255)
        want = np.where(a > 0, want, pixels)
        assert np.abs(front - want).max() <= 0.501
        assert (
            front[(alpha == 0) | (alpha == 16384)] == pixels[(alpha == 0) | (alpha == 16384)]
        ).all()

        beyond = readable_beyond(alpha)
        back = compare(isa, "unmix_background", (n, 3), np.uint8, pixels, front, beyond)
        light = np.clip((to_linear(pixels) - a * to_linear(front)) / np.maximum(1 - a, 1e-6), 0, 1)
        off = (1 - a) * np.abs(to_linear(back) - light)
        # One 8-bit step is at most .009 of light; each polynomial is off by .05 of a step.
        assert (off <= 0.0009 + 0.0046 * (1 - a))[((a > 0) & (a < 1))[:, 0]].all()
        assert (
            back[(alpha == 0) | (alpha == 16384)] == pixels[(alpha == 0) | (alpha == 16384)]
        ).all()
