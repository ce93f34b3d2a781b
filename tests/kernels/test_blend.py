"""premultiply_background, blend, attach_alpha; alpha is Q14 in rows, any kind in images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from defocus import _native
from guards import Guarded, readable_beyond
from reference.blend import blend as exact_blend
from reference.light import to_code, to_linear

rows = _native._rows
WIDTHS = [*range(1, 71), 257]
ONE = 16384


def alphas(rng: np.random.Generator, width: int) -> NDArray[np.int16]:
    """Random alpha with plenty of exact 0 and 1, singly and in stretches."""
    alpha = np.clip(rng.integers(-ONE // 3, 4 * ONE // 3, width), 0, ONE).astype(np.int16)
    alpha[: width // 4], alpha[width // 4 : width // 2] = 0, ONE
    return alpha


def compare(
    isa: str, kernel: str, width: int, want: NDArray[np.float64], bound: float, *arguments: Any
) -> NDArray[np.uint8]:
    """Run a blend kernel; hold it against the truth, the baseline, and its guards."""
    out, baseline = Guarded((width, 3), np.uint8), Guarded((width, 3), np.uint8)
    getattr(rows, kernel)(*arguments, out.view, isa)
    getattr(rows, kernel)(*arguments, baseline.view, _native.isa_levels()[0])
    assert np.abs(out.view - want).max() <= 0.5 + bound
    assert (out.view == baseline.view).all()
    assert out.intact()
    return out.view


def test_blend_row(isa: str, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        front, back = rng.integers(0, 256, (2, width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        want = exact_blend(front, back, alpha / ONE)
        got = compare(isa, "blend", width, want, 1 / 128, front, back, readable_beyond(alpha))
        assert (got[alpha == 0] == back[alpha == 0]).all()
        assert (got[alpha == ONE] == front[alpha == ONE]).all()


@pytest.mark.parametrize(
    "kernel", ["spline_blend", "spline_blend_mixed", "light_blend", "light_blend_mixed"]
)
def test_blend_with_a_spline(isa: str, kernel: str, rng: np.random.Generator) -> None:
    light, mixed = "light" in kernel, "mixed" in kernel
    scale = 32000 if light else 255 * 128
    for width in WIDTHS:
        source = rng.integers(0, scale + 1, (4, 3 * width)).astype(np.int16)
        front = rng.integers(0, 256, (width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        share = rng.dirichlet([1.0] * 4, width if mixed else 1).T
        taps = np.clip(np.round(share * 32768), 0, 32767).astype(np.int16)
        weights = (taps / 32768.0).repeat(3 if mixed else 3 * width, axis=1)
        back = (weights * (source / scale)).sum(axis=0).reshape(width, 3)
        if light:
            want = to_code(exact_blend(to_linear(front), back, alpha / ONE))
            # The darkest codes are 10 units of 1/32000 wide; rounding four products moves them .2.
            bound = 0.3
        else:
            want = exact_blend(front, 255 * back, alpha / ONE)
            bound = 4 / 128
        given = readable_beyond(taps) if mixed else taps[:, 0]
        got = compare(isa, kernel, width, want, bound, source, given, front, readable_beyond(alpha))
        assert (got[alpha == ONE] == front[alpha == ONE]).all()


def test_every_code_survives_linear_light(isa: str) -> None:
    """light_blend: a code to light, to a wide row, and back."""
    code = np.arange(256, dtype=np.uint8).repeat(3)
    light = np.round(to_linear(code) * 32000).astype(np.int16)
    taps = np.array([16384, 16384, 0, 0], np.int16)
    for alpha in (0, 1, 5000, ONE - 1, ONE):
        out = np.empty_like(code)
        given = readable_beyond(np.full(256, alpha, np.int16))
        rows.light_blend(np.tile(light, (4, 1)), taps, code, given, out, isa)
        assert (out == code).all()


@pytest.mark.parametrize("linear", [False, True])
def test_premultiply_background(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        row = rng.integers(0, 256, (width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        colours, weights = Guarded((width, 3), np.float32), Guarded(width, np.float32)
        rows.premultiply_background(row, readable_beyond(alpha), colours.view, linear, isa)
        rows.background_weights(alpha, weights.view, isa)
        assert (weights.view == 1 - alpha / ONE).all()
        share = weights.view[:, np.newaxis]
        if linear:
            assert np.abs(colours.view - share * to_linear(row)).max() <= 3e-4
        else:
            assert (colours.view == share * row).all()
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
