"""background and normalise: what is not subject, and what it looks like without the subject."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, readable_beyond, untouched
from tests.native.reference.background import background as exact_background
from tests.native.reference.background import normalise as exact_normalise
from tests.native.reference.convert import CENTRE
from tests.native.reference.light import to_srgb

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 1025]
ONE = 16384
FULL = 2 * CENTRE  # what 1 is, uncentred
LIGHTS = pytest.mark.parametrize("linear", [False, True], ids=["srgb", "light"])


def shares(
    isa: str, row: NDArray[np.uint8], alpha: NDArray[np.int16], linear: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Colours and weights, uncentred; guarded, and the same at the lowest level."""
    width = len(row)
    results = []
    for level in (isa, _native.isa_levels()[0]):
        colours, weights = Guarded((width, 3), np.int16), Guarded(width, np.int16)
        given = readable_beyond(alpha)
        rows.background(row, given, linear, colours.view, weights.view, level)
        assert colours.intact()
        assert weights.intact()
        results.append((colours.view, weights.view))
    assert results[0][0].tobytes() == results[1][0].tobytes()
    assert results[0][1].tobytes() == results[1][1].tobytes()
    return results[0][0].astype(np.int64) + CENTRE, results[0][1].astype(np.int64) + CENTRE


def alphas(rng: np.random.Generator, width: int) -> NDArray[np.int16]:
    """Random alpha with plenty of exact 0 and 1, singly and in stretches."""
    alpha = np.clip(rng.integers(-ONE // 3, 4 * ONE // 3, width), 0, ONE).astype(np.int16)
    alpha[: width // 4], alpha[width // 4 : width // 2] = 0, ONE
    return alpha


@LIGHTS
def test_background(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        row = rng.integers(0, 256, (width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        colours, weights = shares(isa, row, alpha, linear)
        want, share = exact_background(row, alpha / ONE, linear)
        # Half a unit for the product, and in light what the polynomial is off by.
        assert np.abs(colours - FULL * want).max() <= 0.51 + (12 if linear else 0)
        assert np.abs(weights - FULL * share).max() <= 0.51
        assert (colours[alpha == ONE] == 0).all()
        assert (weights[alpha == ONE] == 0).all()
        assert (weights[alpha == 0] == FULL).all()
        if not linear:
            assert (colours[alpha == 0] == 128 * row[alpha == 0].astype(int)).all()


def test_every_value_becomes_its_light(isa: str) -> None:
    values = np.arange(256, dtype=np.uint8)
    row = values.repeat(3).reshape(-1, 3)
    colours, _ = shares(isa, row, np.zeros(256, np.int16), True)
    assert np.abs(to_srgb(colours / FULL) - row).max() <= 0.05
    assert (np.diff(colours[:, 0]) > 0).all()
    assert (colours[0] == 0).all()
    assert (colours[255] == FULL).all()


@LIGHTS
def test_it_does_not_matter_which_pixels_share_a_vector(
    isa: str, linear: bool, rng: np.random.Generator
) -> None:
    row = rng.integers(0, 256, (257, 3), dtype=np.uint8)
    alpha = alphas(rng, 257)
    colours, weights = shares(isa, row, alpha, linear)
    for order in (rng.permutation(257), np.argsort(alpha), np.arange(257)[::-1]):
        shuffled, scales = shares(isa, row[order], alpha[order], linear)
        assert (shuffled == colours[order]).all()
        assert (scales == weights[order]).all()
    for x in range(0, 257, 5):
        alone, scale = shares(isa, row[x : x + 1], alpha[x : x + 1], linear)
        assert (alone[0] == colours[x]).all()
        assert scale[0] == weights[x]


def normalised(
    isa: str, planes: NDArray[np.float32], width: int, linear: bool
) -> NDArray[np.float32]:
    out, lowest = (Guarded((3, planes.shape[1]), np.float32) for _ in range(2))
    rows.normalise(planes, width, linear, out.view, isa)
    rows.normalise(planes, width, linear, lowest.view, _native.isa_levels()[0])
    assert out.view.tobytes() == lowest.view.tobytes()
    assert untouched(out.view[:, width:])
    assert out.intact()
    return out.view[:, :width]


@LIGHTS
def test_normalise(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        weight = FULL * 10.0 ** rng.uniform(-9, 0, width + 3)
        # A share that rounding has made larger than its weight is all of it.
        share = np.minimum(rng.uniform(0, 1.1, (3, width + 3)), 1.001)
        planes = np.vstack([share * weight, weight]).astype(np.float32)
        got = normalised(isa, planes, width, linear)
        want = exact_normalise(planes[:, :width], linear)
        assert np.abs(got - want).max() <= (0.003 if linear else 1e-4)


@LIGHTS
def test_nothing_over_nothing_is_nothing(isa: str, linear: bool) -> None:
    assert (normalised(isa, np.zeros((4, 40), np.float32), 37, linear) == 0).all()


@LIGHTS
def test_whole_shares_are_white(isa: str, linear: bool) -> None:
    planes = np.full((4, 40), FULL, np.float32)
    got = normalised(isa, planes, 40, linear)
    assert np.abs(got - 255).max() <= 0.003
