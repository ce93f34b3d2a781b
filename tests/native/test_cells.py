"""What the editing of masks needs from the extension: the cells of the matte, and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus import _native
from tests.native.reference import refine

SIZES = [(1, 1), (1, 60), (43, 70), (347, 90), (705, 40), (700, 1033), (30, 3100)]


def picture(rng: np.random.Generator, height: int, width: int, dtype: Any = np.uint8) -> Any:
    return rng.integers(0, np.iinfo(dtype).max, (height, width, 3), dtype=dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", SIZES)
def test_a_mask_at_the_cells_gives_the_same_matte(
    isa: str, size: tuple[int, int], dtype: Any, rng: np.random.Generator
) -> None:
    image, mask = picture(rng, *size, dtype), rng.random((32, 21), np.float32)
    _, at_cells, side = _native.matte_cells(image, mask, isa=isa)
    assert side == refine.cell_size(*size)
    assert at_cells.shape == tuple(-(-edge // side) for edge in size)
    same = _native.guided_matte(image, at_cells, isa=isa)
    assert same.tobytes() == _native.guided_matte(image, mask, isa=isa).tobytes()


@pytest.mark.parametrize("size", SIZES)
def test_cells_have_the_mean_colours(
    isa: str, size: tuple[int, int], rng: np.random.Generator
) -> None:
    image = picture(rng, *size)
    colours, _, side = _native.matte_cells(image, np.zeros((1, 1), np.float32), isa=isa)
    assert np.abs(colours - refine.cell_means(image, side)).max() < 1e-3


def slow_distances(costs: Any, seeds: Any) -> Any:
    """Every pixel takes the best of its neighbours until nothing changes."""
    far = np.where(seeds > 0, 0.0, np.inf)
    height, width = costs.shape
    while True:
        before = far.copy()
        for y, x in np.ndindex(height, width):
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    step = np.hypot(u - x, v - y) * (costs[y, x] + costs[v, u]) / 2
                    far[y, x] = min(far[y, x], far[v, u] + step)
        if np.array_equal(before, far):
            return far


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 11)])
def test_distances_are_those_of_the_cheapest_paths(
    size: tuple[int, int], rng: np.random.Generator
) -> None:
    costs = rng.random(size, np.float32) * rng.choice([0.0, 1.0], size).astype(np.float32)
    seeds = (rng.random(size) < 0.1).astype(np.uint8)
    seeds[0, 0] = 1
    want = slow_distances(costs.astype(np.float64), seeds)
    got = _native.geodesic_distances(costs, seeds, np.inf)
    assert np.allclose(got, want, atol=1e-5)
    near = _native.geodesic_distances(costs, seeds, 0.5)
    assert np.array_equal(near, np.where(got <= 0.5, got, np.inf))


def test_without_a_seed_everything_is_beyond_reach() -> None:
    nothing = np.zeros((3, 4), np.uint8)
    assert np.isinf(_native.geodesic_distances(np.ones((3, 4), np.float32), nothing, 9)).all()


def test_wrong_arrays_are_refused() -> None:
    costs, seeds = np.ones((3, 4), np.float32), np.zeros((3, 4), np.uint8)
    with pytest.raises(ValueError, match="seeds"):
        _native.geodesic_distances(costs, seeds[1:], 1)
    for bad in (-costs, costs * np.nan):
        with pytest.raises(ValueError, match="costs"):
            _native.geodesic_distances(bad, seeds, 1)
    with pytest.raises(TypeError):
        _native.geodesic_distances(seeds, seeds, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _native.geodesic_distances(costs, costs, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _native.matte_cells(costs, costs)  # type: ignore[arg-type]
