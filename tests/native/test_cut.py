"""The minimum cut of a grid: beside a slow one, solved again, and what it refuses."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defocus import _native
from tests.native.reference import cut as reference

HARD = _native.GridCut.HARD
GREATEST = _native.GridCut.GREATEST_WEIGHT


def problem(rng: np.random.Generator, height: int, width: int) -> tuple[Any, Any]:
    """Weights and costs of many kinds: few different ones, so that many divisions tie, and more."""
    most = int(rng.choice([1, 3, 60, GREATEST]))
    weights = rng.integers(0, most + 1, (height, width, 4)).astype(np.int32)
    weights[rng.random(weights.shape) < rng.choice([0.0, 0.4])] = 0
    return weights, costs(rng, height, width)


def costs(rng: np.random.Generator, height: int, width: int) -> Any:
    scale = int(rng.choice([1, 5, 100, GREATEST]))
    unary = rng.integers(-scale, scale + 1, (height, width))
    unary[rng.random(unary.shape) < rng.choice([0.0, 0.5, 0.9])] = 0
    fixed = rng.random(unary.shape) < rng.choice([0.0, 0.1])
    unary[fixed] = rng.choice([-HARD, HARD], int(fixed.sum()))
    return unary.astype(np.int32)


def changed(rng: np.random.Generator, unary: Any) -> Any:
    """Some of the costs are others."""
    where = rng.random(unary.shape) < rng.choice([0.05, 0.3, 1.0])
    return np.where(where, costs(rng, *unary.shape), unary)


def check(cut: Any, weights: Any, unary: Any) -> None:
    subject = cut.solve(unary)
    energy, smallest = reference.minimum_cut(weights, unary)
    assert cut.energy == energy == reference.energy(weights, unary, subject)
    assert subject.dtype == np.uint8
    assert subject.tolist() == smallest.tolist()


@settings(deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_small_grids_equal_the_reference_also_after_changes(h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, unary = problem(rng, h, w)
    cut = _native.GridCut(weights)
    for _ in range(4):
        check(cut, weights, unary)
        unary = changed(rng, unary)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 8), (13, 11)])
def test_grids_of_each_shape(shape: tuple[int, int], rng: np.random.Generator) -> None:
    for _ in range(8):
        weights, unary = problem(rng, *shape)
        check(_native.GridCut(weights), weights, unary)


def noisy(rng: np.random.Generator, side: int) -> tuple[Any, Any]:
    """A large problem with long paths: weak costs, and weights that differ widely."""
    weights = np.rint(100 * rng.random((side, side, 4)) ** 4).astype(np.int32)
    return weights, np.rint(rng.normal(0, 60, (side, side))).astype(np.int32)


def test_solving_again_equals_a_first_solution(rng: np.random.Generator) -> None:
    side = 160
    weights, unary = noisy(rng, side)
    kept = _native.GridCut(weights)
    y, x = np.ogrid[:side, :side]
    for step in range(12):
        subject = kept.solve(unary)
        fresh = _native.GridCut(weights)
        assert subject.tobytes() == fresh.solve(unary).tobytes()
        assert kept.energy == fresh.energy == reference.energy(weights, unary, subject)
        at, radius = rng.integers(0, side, 2), rng.integers(1, 25)
        disc = np.hypot(y - at[0], x - at[1]) <= radius
        unary = np.where(disc, (HARD, -HARD, 0, -unary)[step % 4], unary).astype(np.int32)


def test_solving_the_same_again_changes_nothing(rng: np.random.Generator) -> None:
    weights, unary = noisy(rng, 64)
    cut = _native.GridCut(weights)
    first, energy = cut.solve(unary), cut.energy
    other = cut.solve(-unary)
    assert (other != first).any()
    assert cut.solve(unary).tobytes() == first.tobytes()
    assert cut.energy == energy


def by_direction(weights: Any) -> Any:
    """Weights of all eight neighbours: H x W x 3 x 3, at 1 + dy and 1 + dx."""
    height, width = weights.shape[:2]
    full = np.zeros((height, width, 3, 3), np.int32)
    for plane, (dy, dx) in enumerate(reference.STEPS):
        here = np.s_[: height - dy, max(-dx, 0) : width - max(dx, 0)]
        there = np.s_[dy:, max(dx, 0) : width + min(dx, 0)]
        full[here][..., 1 + dy, 1 + dx] = full[there][..., 1 - dy, 1 - dx] = weights[here][
            ..., plane
        ]
    return full


def of_direction(full: Any) -> Any:
    return np.stack([full[..., 1 + dy, 1 + dx] for dy, dx in reference.STEPS], axis=-1)


@pytest.mark.parametrize("change", ["left-right", "top-bottom", "transposed"])
def test_a_mirrored_problem_has_the_mirrored_solution(
    change: str, rng: np.random.Generator
) -> None:
    weights, unary = noisy(rng, 48)
    weights, unary = weights[:40] // 20, unary[:40] // 20  # so that divisions tie
    full = by_direction(weights)
    if change == "transposed":
        turned, costs_turned = full.transpose(1, 0, 3, 2), unary.T
    else:
        axis = 1 if change == "left-right" else 0
        turned, costs_turned = np.flip(full, (axis, axis + 2)), np.flip(unary, axis)
    subject = _native.GridCut(weights).solve(unary)
    mirrored = _native.GridCut(of_direction(turned)).solve(costs_turned)
    back = mirrored.T if change == "transposed" else np.flip(mirrored, axis)
    assert 0 < subject.mean() < 1
    assert back.tolist() == subject.tolist()


def test_hard_costs_always_hold(rng: np.random.Generator) -> None:
    weights = np.full((30, 30, 4), GREATEST, np.int32)
    cut = _native.GridCut(weights)
    for kept, removed in ((HARD, -HARD), (-HARD, HARD)):
        unary = np.full((30, 30), removed, np.int32)
        unary[::3, ::3] = kept
        assert (cut.solve(unary) == (unary > 0)).all()
    unary = rng.choice([HARD, 0, -HARD], (30, 30)).astype(np.int32)
    subject = cut.solve(unary)
    assert (subject[unary > 0] == 1).all()
    assert (subject[unary < 0] == 0).all()


def test_a_tie_is_background() -> None:
    weights = np.zeros((1, 3, 4), np.int32)
    weights[0, :, 0] = 5
    unary = np.array([[5, 0, -5]], np.int32)
    cut = _native.GridCut(weights)
    assert cut.solve(unary).tolist() == [[0, 0, 0]]
    assert cut.energy == 5
    assert cut.solve(np.zeros((1, 3), np.int32)).tolist() == [[0, 0, 0]]
    assert cut.energy == 0


def test_weights_that_leave_the_grid_are_ignored(rng: np.random.Generator) -> None:
    weights, unary = noisy(rng, 12)
    outside = np.ones(weights.shape, bool)
    outside[:-1, 1:-1] = False
    outside[:-1, 0, :3] = False
    outside[:-1, -1, 2:] = False
    outside[-1, :-1, 0] = False
    want = _native.GridCut(weights)
    for value in (-1, GREATEST + 1):
        cut = _native.GridCut(np.where(outside, np.int32(value), weights))
        assert cut.solve(unary).tolist() == want.solve(unary).tolist()
        assert cut.energy == want.energy


def test_strided_views_equal_their_copies(rng: np.random.Generator) -> None:
    weights, unary = noisy(rng, 40)
    for cropped in (np.s_[::-1, ::2], np.s_[3:30:2, ::-1]):
        w, u = weights[cropped][..., ::-1], unary[cropped]
        assert not w.flags.c_contiguous
        copies = _native.GridCut(np.ascontiguousarray(w)).solve(np.ascontiguousarray(u))
        assert _native.GridCut(w).solve(u).tolist() == copies.tolist()


WEIGHTS = np.ones((4, 5, 4), np.int32)
UNARY = np.ones((4, 5), np.int32)


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        (WEIGHTS.astype(np.int64), TypeError),
        (WEIGHTS.astype(np.float32), TypeError),
        (WEIGHTS[..., :3], ValueError),
        (WEIGHTS[..., 0], ValueError),
        (WEIGHTS[:0], ValueError),
        (-WEIGHTS, ValueError),
        (WEIGHTS * (GREATEST + 1), ValueError),
        (np.broadcast_to(WEIGHTS[:1, :1], (1 << 13, 1 << 12, 4)), ValueError),
    ],
)
def test_bad_weights_are_refused(weights: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="weights"):
        _native.GridCut(weights)


@pytest.mark.parametrize(
    ("unary", "error"),
    [
        (UNARY.astype(np.int64), TypeError),
        (UNARY[:3], ValueError),
        (UNARY.T, ValueError),
        (WEIGHTS, ValueError),
        (UNARY * (HARD + 1), ValueError),
        (UNARY * -(HARD + 1), ValueError),
    ],
)
def test_bad_costs_are_refused_and_change_nothing(unary: Any, error: type[Exception]) -> None:
    cut = _native.GridCut(WEIGHTS)
    before = cut.solve(UNARY).tolist(), cut.energy
    with pytest.raises(error, match="unary"):
        cut.solve(unary)
    assert (cut.solve(UNARY).tolist(), cut.energy) == before


def test_one_object_serves_two_threads(rng: np.random.Generator) -> None:
    weights, unary = noisy(rng, 96)
    problems = [unary, -unary, np.roll(unary, 7), unary // 3]
    wanted = [_native.GridCut(weights).solve(costs).tobytes() for costs in problems]
    cut, wrong = _native.GridCut(weights), []

    def work(which: int) -> None:
        for _ in range(10):
            if cut.solve(problems[which]).tobytes() != wanted[which] or cut.energy < 0:
                wrong.append(which)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
