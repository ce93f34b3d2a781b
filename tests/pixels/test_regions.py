"""Growing and shrinking by squares, against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from defocus.pixels.regions import grown, shrunk

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def defined(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Every pixel with a pixel of the mask no further than `radius` across and down."""
    out = np.zeros_like(mask)
    for y, x in np.ndindex(mask.shape):
        top, left = max(0, y - radius), max(0, x - radius)
        out[y, x] = mask[top : y + radius + 1, left : x + radius + 1].any()
    return out


@given(MASKS, st.integers(0, 15))
def test_any_mask_and_radius(mask: NDArray[np.bool_], radius: int) -> None:
    before = mask.copy()
    got = grown(mask, radius)
    assert got.dtype == np.bool_
    assert (got == defined(mask, radius)).all()
    assert (shrunk(mask, radius) == ~defined(~mask, radius)).all()
    assert (mask == before).all()


@pytest.mark.parametrize("radius", range(1, 40))
def test_one_pixel_becomes_a_square(radius: int) -> None:
    mask = np.zeros((90, 101), np.bool_)
    mask[41, 50] = True
    got = grown(mask[::-1, ::-1], radius)[::-1, ::-1]
    assert got.sum() == (2 * radius + 1) ** 2
    assert got[41 - radius : 42 + radius, 50 - radius : 51 + radius].all()
