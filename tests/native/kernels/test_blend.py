"""blend, spline_blend, attach_alpha; alpha is Q14 in rows, any kind in images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from defocus import _native
from guards import readable_beyond, written
from tests.native.reference.blend import blend as exact_blend
from tests.native.reference.convert import from_q7, to_bytes, to_q7
from tests.native.reference.light import to_linear, to_srgb

rows = _native._rows
WIDTHS = [*range(1, 71), 257, 513]
ONE = 16384
TAPS = np.array([3000, 18000, 11000, 768], np.int16)  # Q15, sum 1
ITSELF = np.array([16384, 16384, 0, 0], np.int16)  # of four rows that are one
LIGHTS = pytest.mark.parametrize("linear", [False, True], ids=["srgb", "light"])


def alphas(rng: np.random.Generator, width: int) -> NDArray[np.int16]:
    """Random alpha with plenty of exact 0 and 1, singly and in stretches."""
    alpha = np.clip(rng.integers(-ONE // 3, 4 * ONE // 3, width), 0, ONE).astype(np.int16)
    alpha[: width // 4], alpha[width // 4 : width // 2] = 0, ONE
    return alpha


def test_blend_row(isa: str, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        front, back = rng.integers(0, 256, (2, width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        beyond = readable_beyond(alpha)
        got = written(rows.blend, isa, (width, 3), np.uint8, front, back, beyond)
        assert np.abs(got - exact_blend(front, back, alpha / ONE)).max() <= 0.5 + 1 / 128
        assert (got[alpha == 0] == back[alpha == 0]).all()
        assert (got[alpha == ONE] == front[alpha == ONE]).all()


def spline_blend(
    isa: str,
    source: NDArray[np.int16],
    taps: NDArray[np.int16],
    front: NDArray[np.uint8],
    alpha: NDArray[np.int16],
    linear: bool,
) -> NDArray[np.uint8]:
    """Of rows (4, width, 3)."""
    flat = np.ascontiguousarray(source.reshape(4, -1))
    beyond = readable_beyond(alpha)
    return written(rows.spline_blend, isa, front.shape, np.uint8, flat, taps, front, beyond, linear)


@LIGHTS
def test_blend_with_a_spline(isa: str, linear: bool, rng: np.random.Generator) -> None:
    for width in WIDTHS:
        # Interpolation overshoots, which must not show.
        source = to_q7(rng.uniform(-60, 315, (4, width, 3)))
        front = rng.integers(0, 256, (width, 3), dtype=np.uint8)
        alpha = alphas(rng, width)
        got = spline_blend(isa, source, TAPS, front, alpha, linear)
        back = np.clip(np.tensordot(TAPS / 32768, from_q7(source), 1), 0, 255)
        if linear:
            mixed = exact_blend(to_linear(front), to_linear(back), alpha / ONE)
            # The darkest values are 10 units of light wide, of which three roundings take some.
            assert np.abs(got - to_srgb(mixed)).max() <= 0.5 + 0.15 + 2 / 128
        else:
            want = exact_blend(front, back, alpha / ONE)
            assert np.abs(got - want).max() <= 0.5 + 4 / 128
        assert (got[alpha == ONE] == front[alpha == ONE]).all()
        # Where nothing is blended the background is what spline_bytes has.
        flat = np.ascontiguousarray(source.reshape(4, -1))
        plain = written(rows.spline_bytes, isa, (width, 3), np.uint8, flat, TAPS)
        assert (got[alpha == 0] == plain[alpha == 0]).all()


@LIGHTS
def test_every_pair_of_values_and_many_alphas(isa: str, linear: bool) -> None:
    front, back = (
        grid.reshape(-1, 1).repeat(3, axis=1).astype(np.uint8)
        for grid in np.meshgrid(np.arange(0, 256, 5), np.arange(0, 256, 5))
    )
    worst = 0.0
    for alpha in (1, 2, 64, 1000, 8192, 15000, ONE - 64, ONE - 1):
        given = np.full(len(front), alpha, np.int16)
        got = spline_blend(isa, np.tile(to_q7(back), (4, 1, 1)), ITSELF, front, given, linear)
        if linear:
            want = to_srgb(exact_blend(to_linear(front), to_linear(back), given / ONE))
        else:
            want = exact_blend(front, back, given / ONE)
        worst = max(worst, float(np.abs(got - want).max()))
    assert worst <= 0.5 + (0.15 if linear else 1 / 64)


@LIGHTS
def test_a_picture_over_itself_is_itself(isa: str, linear: bool) -> None:
    """Every value, with every kind of alpha, also where the blend goes by way of light."""
    value = np.arange(256, dtype=np.uint8).repeat(3).reshape(-1, 3)
    for alpha in (0, 1, 5000, ONE - 1, ONE):
        given = np.full(256, alpha, np.int16)
        got = spline_blend(isa, np.tile(to_q7(value), (4, 1, 1)), ITSELF, value, given, linear)
        assert (got == value).all()


@LIGHTS
def test_it_does_not_matter_which_pixels_share_a_vector(
    isa: str, linear: bool, rng: np.random.Generator
) -> None:
    source = to_q7(rng.uniform(-60, 315, (4, 257, 3)))
    front = rng.integers(0, 256, (257, 3), dtype=np.uint8)
    alpha = alphas(rng, 257)
    together = spline_blend(isa, source, TAPS, front, alpha, linear)
    for order in (rng.permutation(257), np.argsort(alpha), np.arange(257)[::-1]):
        got = spline_blend(isa, source[:, order], TAPS, front[order], alpha[order], linear)
        assert (got == together[order]).all()
    for x in range(0, 257, 5):
        one = slice(x, x + 1)
        alone = spline_blend(isa, source[:, one], TAPS, front[one], alpha[one], linear)
        assert (alone == together[one]).all()


def test_attach_alpha(isa: str, rng: np.random.Generator) -> None:
    for n in WIDTHS:
        rgb = rng.integers(0, 256, (n, 3), dtype=np.uint8)
        alpha = alphas(rng, n)
        got = written(rows.attach_alpha, isa, (n, 4), np.uint8, rgb, alpha)
        assert (got[:, :3] == rgb).all()
        assert (got[:, 3] == to_bytes(alpha / ONE * 255)).all()


def test_attach_every_alpha(isa: str) -> None:
    alpha = np.arange(ONE + 1, dtype=np.int16)
    got = written(
        rows.attach_alpha, isa, (ONE + 1, 4), np.uint8, np.zeros((ONE + 1, 3), np.uint8), alpha
    )
    assert (got[:, 3] == to_bytes(alpha / ONE * 255)).all()


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
