"""PQ and HLG as sRGB, by the formulas of BT.2100 and BT.2390, one colour at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from defocus.io.colour import cicp, hdr

PQ, HLG = cicp.PQ, cicp.HLG


def pq(light: float) -> float:
    """cd/m2 to a signal from 0 to 1."""
    power = (light / 10000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hlg(scene: float) -> float:
    if scene <= 1 / 12:
        return math.sqrt(3 * scene)
    return 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


def of_grey(signal: float, transfer: int, primaries: int = 9) -> int:
    sample = round(signal * 65535)
    pixels = np.full((1, 1, 3), sample, np.uint16)
    shown = hdr.to_srgb(pixels, (primaries, transfer))[0, 0]
    assert int(shown.max()) - int(shown.min()) <= 12, "grey stays grey"
    return int(shown[1])


def srgb(light: float) -> float:
    coded = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return coded * 65535


@pytest.mark.parametrize("primaries", [1, 9, 11, 12])
@pytest.mark.parametrize("light", [0.0, 0.1, 1.0, 10.0, 50.0, 90.0])
def test_what_a_screen_can_show_is_left(light: float, primaries: int) -> None:
    want = srgb(light / 203)
    assert of_grey(pq(light), PQ, primaries) == pytest.approx(want, abs=120)
    scene = (light / 1000) ** (1 / 1.2)
    assert of_grey(hlg(scene), HLG, primaries) == pytest.approx(want, abs=120)


def test_what_is_brighter_is_fitted_below_white() -> None:
    shown = [of_grey(pq(light), PQ) for light in (92, 150, 203, 400, 800, 1000)]
    assert shown == sorted(set(shown))
    assert srgb(0.7) < shown[2] < srgb(0.85)  # white of a page
    assert shown[-1] > 65000
    assert of_grey(1.0, PQ) == 65535
    assert of_grey(hlg(1.0), HLG) > 65000
    # Both give the same result for the same light.
    for light in (100, 203, 500, 999):
        scene = (light / 1000) ** (1 / 1.2)
        assert of_grey(hlg(scene), HLG) == pytest.approx(of_grey(pq(light), PQ), abs=150)


def test_colours_keep_their_hue() -> None:
    """Pure red of sRGB, dim, given in BT.2020."""
    matrix = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    for colour in ((0.3, 0.05, 0.05), (0.02, 0.3, 0.1), (0.1, 0.1, 0.35)):
        light = matrix @ colour * 203
        pixels = np.array([[[round(pq(value) * 65535) for value in light]]], np.uint16)
        shown = hdr.to_srgb(pixels, (9, PQ))[0, 0]
        assert shown == pytest.approx([srgb(value) for value in colour], abs=250)


@pytest.mark.parametrize("transfer", [PQ, HLG])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_samples_of_any_layout(transfer: int, dtype: type) -> None:
    full = np.iinfo(dtype).max
    rng = np.random.default_rng(5)
    pixels: Any = rng.integers(0, full + 1, (600, 400, 3)).astype(dtype)
    pixels[0], pixels[1] = 0, full
    before = pixels.copy()
    shown = hdr.to_srgb(pixels, (9, transfer))
    assert shown.dtype == dtype
    assert shown.shape == pixels.shape
    assert (shown[0] == 0).all()
    assert (shown[1] >= full * 0.99).all()
    assert (pixels == before).all()
    assert (hdr.to_srgb(pixels[::-1, ::3], (9, transfer)) == shown[::-1, ::3]).all()
    one = hdr.to_srgb(pixels[300:301, 7:8], (9, transfer))
    assert (one == shown[300:301, 7:8]).all()


def test_8_bits_are_16_bits_rounded() -> None:
    ramp = np.arange(256, dtype=np.uint8)[np.newaxis, :, np.newaxis].repeat(3, axis=2)
    for transfer in (PQ, HLG):
        deep = hdr.to_srgb(ramp * np.uint16(257), (9, transfer))
        assert np.abs(hdr.to_srgb(ramp, (9, transfer)) - deep / 257).max() <= 0.51
