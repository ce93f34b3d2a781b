"""premultiply_background, blend_normalised, blend, attach_alpha."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defocus import _native
from guards import Guarded, untouched
from reference.blend import blend as exact_blend
from reference.convert import to_bytes

rows = _native._rows
WIDTHS = [*range(1, 71), 257]


def alphas(rng: np.random.Generator, n: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Random alpha with plenty of exact 0 and 1."""
    return np.clip(rng.uniform(-0.3, 1.3, n), 0, 1).astype(np.float32)


def test_blend_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front, back = rng.integers(0, 256, (2, n, 3), dtype=np.uint8)
        alpha = alphas(rng, n)
        out = Guarded((n, 3), np.uint8)
        rows.blend(front, back, alpha, out.view, isa)
        want = exact_blend(front, back, alpha)
        assert np.abs(out.view - want).max() <= 0.5 + 1e-4
        assert (out.view[alpha == 0] == back[alpha == 0]).all()
        assert (out.view[alpha == 1] == front[alpha == 1]).all()
        assert out.intact()
        same = Guarded((n, 3), np.uint8)
        rows.blend(front, back, alpha, same.view, "baseline")
        assert (out.view == same.view).all()


def test_premultiply_background(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        planes = Guarded((4, n + 3), np.float32)
        colour = rng.uniform(0, 255, (3, n)).astype(np.float32)
        planes.view[:3, :n] = colour
        alpha = alphas(rng, n)
        rows.premultiply_background(planes.view, alpha, isa)
        weight = np.float32(1) - alpha
        assert (planes.view[3, :n] == weight).all()
        assert (planes.view[:3, :n] == colour * weight).all()
        assert untouched(planes.view[:, n:])
        assert planes.intact()


def test_blend_normalised(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        colour = rng.uniform(0, 255, (n, 3))
        weight = rng.uniform(0.001, 1, n)
        planes = np.zeros((4, n + 2), np.float32)
        planes[:3, :n] = (colour * weight[:, None]).T
        planes[3, :n] = weight
        alpha = alphas(rng, n)
        out = Guarded((n, 3), np.uint8)
        rows.blend_normalised(front, planes, alpha, out.view, isa)
        assert np.abs(out.view - exact_blend(front, colour, alpha)).max() <= 0.5 + 2e-4
        assert (out.view[alpha == 1] == front[alpha == 1]).all()
        assert out.intact()
        same = Guarded((n, 3), np.uint8)
        rows.blend_normalised(front, planes, alpha, same.view, "baseline")
        assert (out.view == same.view).all()


def test_no_background_in_reach_keeps_the_subject(isa: str) -> None:
    front = np.arange(30, dtype=np.uint8).reshape(10, 3)
    out = Guarded((10, 3), np.uint8)
    nothing = np.zeros((4, 10), np.float32)
    rows.blend_normalised(front, nothing, np.ones(10, np.float32), out.view, isa)
    assert (out.view == front).all()


def test_attach_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        rgb = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        alpha = alphas(rng, n)
        out = Guarded((n, 4), np.uint8)
        rows.attach_alpha(rgb, alpha, out.view, isa)
        assert (out.view[:, :3] == rgb).all()
        assert (out.view[:, 3] == to_bytes(np.float32(255) * alpha)).all()
        assert out.intact()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_blend_of_images(isa: str, dtype: type, rng: np.random.Generator) -> None:
    front, back = rng.integers(0, 256, (2, 13, 29, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, (13, 29), dtype=np.uint8)
    scaled = alpha if dtype is np.uint8 else (alpha / np.float32(255)).astype(np.float32)
    got = _native.blend(front, back[::-1, :, ::-1], scaled, isa=isa)
    want = exact_blend(front, back[::-1, :, ::-1], alpha / 255.0)
    assert np.abs(got - want).max() <= 0.5 + 1e-4


@settings(max_examples=100, deadline=None)
@given(front=st.integers(0, 255), back=st.integers(0, 255), alpha=st.floats(0, 1, width=32))
def test_a_blend_lies_between_its_ends(front: int, back: int, alpha: float) -> None:
    out = _native.blend(
        np.full((1, 1, 3), front, np.uint8),
        np.full((1, 1, 3), back, np.uint8),
        np.full((1, 1), alpha, np.float32),
    )
    assert min(front, back) <= int(out[0, 0, 0]) <= max(front, back)
