"""Images in PQ or HLG (ITU-R BT.2100) as sRGB, for the network and for formats without HDR.

White of 203 cd/m2 (ITU-R BT.2408) and all brighter light is compressed below the white of sRGB.
The curve is that of BT.2390 for a screen of that brightness and an image of 1000 cd/m2.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from defocus.io.colour import cicp, icc_profiles
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import from_light

__all__ = ["to_srgb"]

Samples = NDArray[np.float32]

_PEAK, _WHITE = 1000.0, 203.0  # cd/m2
_BAND = 1 << 16  # pixels converted at a time
# PQ: SMPTE ST 2084.
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128
# HLG: BT.2100, table 5; the exponent of a screen of 1000 cd/m2.
_A, _B, _C, _SYSTEM = 0.17883277, 0.28466892, 0.55991073, 1.2


def to_srgb(pixels: Pixels, numbers: tuple[int, int]) -> Pixels:
    """Convert H x W x 3 in these primaries and PQ or HLG (H.273) to sRGB of the same dtype.

    >>> to_srgb(np.zeros((1, 1, 3), np.uint8), (9, 16)).tolist()
    [[[0, 0, 0]]]
    """
    result = np.empty_like(pixels, order="C")
    rows = max(1, _BAND // max(1, pixels.shape[1]))
    for top in range(0, pixels.shape[0], rows):
        result[top : top + rows] = _converted(pixels[top : top + rows], *numbers)
    return result


def _converted(pixels: Pixels, primaries: int, transfer: int) -> Pixels:
    full = full_scale(pixels.dtype)
    light = _light(transfer, full)[pixels]
    matrix, luminance = _matrices(primaries)
    if transfer == cicp.HLG:  # the scene's light; the screen adds contrast
        bright = np.maximum(_mixed(light, luminance), 1e-6)[..., np.newaxis]
        # Powers of float32 differ among processors in the last bit; this one is rounded.
        contrast = np.power(bright.astype(np.float64), _SYSTEM - 1).astype(np.float32)
        light = light * contrast * np.float32(_PEAK)
    most = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    light = light * (_fitted(most) / most)
    shown = np.stack([_mixed(light, row) for row in matrix], axis=2)
    coded = from_light(np.clip(shown / np.float32(_WHITE), 0.0, 1.0))
    result: Pixels = (coded * np.float32(full) + np.float32(0.5)).astype(pixels.dtype)
    return result


def _mixed(light: Samples, shares: Samples) -> Samples:
    """Return a weighted sum of the channels, without BLAS, whose last bit depends on the layout."""
    return np.asarray(sum(light[..., c] * shares[c] for c in range(3)))


@lru_cache(maxsize=4)
def _light(transfer: int, full: int) -> Samples:
    """Return the light of each sample: cd/m2 (PQ), or the scene's light from 0 to 1 (HLG)."""
    x = np.arange(full + 1) / full
    if transfer == cicp.PQ:
        return _from_pq(x).astype(np.float32)
    scene = np.where(x <= 0.5, x * x / 3, (np.exp((x - _C) / _A) + _B) / 12)
    return scene.astype(np.float32)


@lru_cache(maxsize=16)
def _matrices(primaries: int) -> tuple[Samples, Samples]:
    """Return the matrix to the primaries of sRGB, and the share of each channel in brightness."""
    stated = cicp.colour_of(primaries, cicp.PQ)
    own = cicp.PRIMARIES[1] if stated is None else stated.primaries
    to_xyz = icc_profiles.adapted(own)
    matrix = np.linalg.inv(icc_profiles.adapted(cicp.PRIMARIES[1])) @ to_xyz
    return matrix.astype(np.float32), icc_profiles.to_xyz(own)[1].astype(np.float32)


def _from_pq(x: NDArray[np.float64]) -> NDArray[np.float64]:
    root = np.maximum(x, 0.0) ** (1 / _M2)
    return 10000 * (np.maximum(root - _C1, 0.0) / (_C2 - _C3 * root)) ** (1 / _M1)


def _to_pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    power = (np.maximum(light, 0.0) / 10000) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


@lru_cache(maxsize=1)
def _fitting() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return tables of light before and after compression in cd/m2 (BT.2390, 5.4.1)."""
    peak, most = _to_pq(np.array([_PEAK, _WHITE]))
    knee = 1.5 * most / peak - 0.5
    x = np.linspace(0.0, 1.0, 4096)
    t = np.clip((x - knee) / (1 - knee), 0.0, 1.0)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee)
    spline += (3 * t**2 - 2 * t**3) * most / peak
    return _from_pq(x * peak), _from_pq(np.where(x < knee, x, spline) * peak)


def _fitted(light: Samples) -> Samples:
    return np.interp(light, *_fitting()).astype(np.float32)
