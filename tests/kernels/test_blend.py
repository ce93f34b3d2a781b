"""premultiply_background, blend, attach_alpha; alpha is Q14 in rows, any kind in images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded
from reference.blend import blend as exact_blend
from reference.light import to_code, to_linear

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
ONE = 16384


def alphas(rng: np.random.Generator, n: int) -> NDArray[np.int16]:
    """Random alpha with plenty of exact 0 and 1."""
    return np.clip(rng.integers(-ONE // 3, 4 * ONE // 3, n), 0, ONE).astype(np.int16)


def test_blend_row(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front, back = rng.integers(0, 256, (2, n), dtype=np.uint8)
        alpha = alphas(rng, n)
        out, baseline = Guarded(n, np.uint8), Guarded(n, np.uint8)
        rows.blend(front, back, alpha, out.view, isa)
        rows.blend(front, back, alpha, baseline.view, _native.isa_levels()[0])
        want = exact_blend(front[:, None], back[:, None], alpha / ONE)[:, 0]
        assert np.abs(out.view - want).max() <= 0.5 + 1 / 128
        assert (out.view[alpha == 0] == back[alpha == 0]).all()
        assert (out.view[alpha == ONE] == front[alpha == ONE]).all()
        assert (out.view == baseline.view).all()
        assert out.intact()


def test_blend_linear(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        front, back = rng.integers(0, 256, (2, n), dtype=np.uint8)
        alpha = alphas(rng, n)
        alpha[: n // 3], alpha[n // 3 : 2 * n // 3] = 0, ONE
        out, baseline = Guarded(n, np.uint8), Guarded(n, np.uint8)
        rows.blend_linear(front, back, alpha, out.view, isa)
        rows.blend_linear(front, back, alpha, baseline.view, _native.isa_levels()[0])
        light = exact_blend(to_linear(front)[:, None], to_linear(back)[:, None], alpha / ONE)
        assert np.abs(out.view - to_code(light[:, 0])).max() <= 0.5 + 0.06
        assert (out.view[alpha == 0] == back[alpha == 0]).all()
        assert (out.view[alpha == ONE] == front[alpha == ONE]).all()
        assert (out.view == baseline.view).all()
        assert out.intact()


def test_every_code_survives_linear_light(isa: str) -> None:
    code = np.arange(256, dtype=np.uint8)
    out = np.empty_like(code)
    for alpha in (1, 5000, ONE - 1):
        rows.blend_linear(code, code, np.full(256, alpha, np.int16), out, isa)
        assert (out == code).all()


@pytest.mark.parametrize("linear", [False, True])
def test_premultiply_background(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        row = rng.integers(0, 256, n, dtype=np.uint8)
        alpha = alphas(rng, n)
        colours, weights = Guarded(n, np.float32), Guarded(n, np.float32)
        rows.premultiply_background(row, alpha, colours.view, weights.view, linear, isa)
        assert (weights.view == 1 - alpha / ONE).all()
        if linear:
            assert np.abs(colours.view - weights.view * to_linear(row)).max() <= 3e-4
        else:
            assert (colours.view == weights.view * row).all()
        assert colours.intact()
        assert weights.intact()


def test_attach_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        rgb = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        alpha = alphas(rng, n)
        out = Guarded((n, 4), np.uint8)
        rows.attach_alpha(rgb, alpha, out.view, isa)
        assert (out.view[:, :3] == rgb).all()
        assert (out.view[:, 3] == np.floor(alpha / ONE * 255 + 0.5)).all()
        assert out.intact()


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_blend_of_images(isa: str, dtype: str, rng: np.random.Generator) -> None:
    front, back = rng.integers(0, 256, (2, 13, 29, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, (13, 29), dtype=np.uint8)
    scaled = alpha if dtype == "uint8" else (alpha / np.float32(255)).astype(np.float32)
    got = _native.blend(front, back[::-1, :, ::-1], scaled, isa=isa)
    want = exact_blend(front, back[::-1, :, ::-1], alpha / 255.0)
    # Alpha is kept to 1/16384: .008 of a level at most.
    assert np.abs(got - want).max() <= 0.5 + 1 / 128 + 0.008


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_every_byte_of_alpha_comes_back(isa: str, dtype: str) -> None:
    alpha = np.arange(256, dtype=np.uint8).reshape(1, -1)
    scaled = alpha if dtype == "uint8" else (alpha / np.float32(255)).astype(np.float32)
    image = np.zeros((1, 256, 3), np.uint8)
    assert (_native.cutout(image, scaled, isa=isa)[..., 3] == alpha).all()


@settings(max_examples=100, deadline=None)
@given(front=st.integers(0, 255), back=st.integers(0, 255), alpha=st.floats(0, 1, width=32))
def test_a_blend_lies_between_its_ends(front: int, back: int, alpha: float) -> None:
    out = _native.blend(
        np.full((1, 1, 3), front, np.uint8),
        np.full((1, 1, 3), back, np.uint8),
        np.full((1, 1), alpha, np.float32),
    )
    assert min(front, back) <= int(out[0, 0, 0]) <= max(front, back)
