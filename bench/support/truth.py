"""The exact result in float64, on windows of a picture: what errors are measured from.

A Gaussian reaches six sigmas here; borders are reflect-101 (cb|abcd|cb) unless stated otherwise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BORDERS = ("reflect101", "reflect", "edge")  # dcb|abcd|cba, cba|abcd|dcb, aaa|abcd|ddd


class Window(NamedTuple):
    """A part of a picture; ends are exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, picture: NDArray[Any]) -> NDArray[Any]:
        return picture[self.top : self.bottom, self.left : self.right]


class Error(NamedTuple):
    """How far a picture is from the truth, over all windows."""

    levels: float  # greatest difference from the rounded truth (for floats, from the truth)
    psnr: float  # dB, against the real-valued truth
    ceiling: float  # the PSNR of the truth itself, perfectly rounded

    @property
    def loss(self) -> float:
        """What is lost against perfect rounding, in dB."""
        return self.ceiling - self.psnr


def windows(width: int, height: int, side: int = 160) -> list[Window]:
    """The four corners, the centre, and three places off every grid."""
    w, h = min(side, width), min(side, height)
    right, bottom = width - w, height - h
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right)]
    inner = [
        (bottom * a // 97, right * b // 97) for a, b in ((48, 49), (31, 13), (71, 57), (11, 83))
    ]
    places = sorted({*corners, *inner})
    return [Window(top, top + h, left, left + w) for top, left in places]


def compare(got: NDArray[Any], places: list[Window], truth: Callable[[Window], Floats]) -> Error:
    """Compare a picture with what `truth` says of each window."""
    count, levels, squares, least = 0, 0.0, 0.0, 0.0
    for place in places:
        have, want = np.asarray(place.of(got), np.float64), truth(place)
        rounded = np.floor(np.clip(want, 0.0, 255.0) + 0.5)
        target = rounded if got.dtype == np.uint8 else want
        count += want.size
        levels = max(levels, float(np.abs(have - target).max()))
        squares += float(np.square(have - want).sum())
        least += float(np.square(rounded - want).sum())
    return Error(levels, _psnr(squares / count), _psnr(least / count))


def _psnr(mean_square: float) -> float:
    return float(10.0 * np.log10(255.0**2 / max(mean_square, 1e-9)))


def blur(picture: NDArray[Any], sigma: float, place: Window, border: str = "reflect101") -> Floats:
    """The exact Gaussian of a uint8 or float32 picture, on a window."""
    source, rows, columns = _neighbourhood(picture.shape, sigma, place, border)
    return _blur(np.asarray(source.of(picture), np.float64), rows, columns)


def portrait(
    picture: NDArray[np.uint8],
    mask: NDArray[Any],
    sigma: float,
    place: Window,
    *,
    masked: bool,
    light: str,
    border: str = "reflect101",
) -> Floats:
    """The exact portrait stage on a window; real-valued bytes."""
    height, width = picture.shape[:2]
    source, rows, columns = _neighbourhood(picture.shape, sigma, place, border)
    colour = np.asarray(source.of(picture), np.float64)
    sharp = np.asarray(place.of(picture), np.float64)
    if light == "linear":
        colour, sharp = to_linear(colour), to_linear(sharp)
    if masked:
        weight = 1.0 - resize(mask, width, height, source)[..., np.newaxis]
        below = _blur(weight, rows, columns)
        above = _blur(weight * colour, rows, columns)
        # Where no background is in reach alpha is 1, so that any finite number does.
        blurred = np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)
    else:
        blurred = _blur(colour, rows, columns)
    blended = mix(resize(mask, width, height, place), sharp, blurred)
    return to_srgb(blended) if light == "linear" else blended


def mix(alpha: Floats, front: NDArray[Any], back: NDArray[Any]) -> Floats:
    """alpha * front + (1 - alpha) * back."""
    a = alpha[..., np.newaxis]
    return np.asarray(a * front + (1.0 - a) * back)


def resize(mask: NDArray[Any], width: int, height: int, place: Window) -> Floats:
    """The mask (uint8 or float32) stretched to width x height, 0..1, on a window."""
    values = np.asarray(mask, np.float64) / (255.0 if mask.dtype == np.uint8 else 1.0)
    rows = _bilinear(mask.shape[0], height)[place.top : place.bottom]
    columns = _bilinear(mask.shape[1], width)[place.left : place.right]
    return np.asarray(rows @ values @ columns.T)


def to_linear(srgb: Floats) -> Floats:
    """sRGB bytes to light, 0..1 (IEC 61966-2-1)."""
    v = srgb / 255.0
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: Floats) -> Floats:
    """Light 0..1 to real-valued sRGB bytes."""
    v = np.clip(linear, 0.0, 1.0)
    return 255.0 * np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def _blur(source: Floats, rows: Floats, columns: Floats) -> Floats:
    """Two matrices: one weighs rows of the source, the other its columns."""
    down = np.tensordot(rows, source, axes=1)
    return np.moveaxis(np.tensordot(columns, np.moveaxis(down, 1, 0), axes=1), 0, 1)


def _neighbourhood(
    shape: tuple[int, ...], sigma: float, place: Window, border: str
) -> tuple[Window, Floats, Floats]:
    """The part of the picture that the window's blur sees, and the weights on both axes."""
    top, bottom, rows = _weights(shape[0], sigma, place.top, place.bottom, border)
    left, right, columns = _weights(shape[1], sigma, place.left, place.right, border)
    return Window(top, bottom, left, right), rows, columns


@functools.lru_cache(maxsize=64)
def _weights(
    length: int, sigma: float, start: int, stop: int, border: str
) -> tuple[int, int, Floats]:
    """First and last sample seen from start .. stop - 1, and each one's weight in each."""
    radius = int(np.ceil(6.0 * sigma))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    taps /= taps.sum()
    seen = _inside(np.arange(start - radius, stop + radius), length, border)
    low, high = int(seen.min()), int(seen.max()) + 1
    matrix = np.zeros((stop - start, high - low))
    for i in range(stop - start):
        np.add.at(matrix[i], seen[i : i + taps.size] - low, taps)
    return low, high, matrix


def _inside(index: NDArray[np.int64], length: int, border: str) -> NDArray[np.int64]:
    """The sample that stands for one beyond the border."""
    if border == "edge" or length == 1:
        return np.clip(index, 0, length - 1)
    if border == "reflect":
        folded = index % (2 * length)
        return np.minimum(folded, 2 * length - 1 - folded)
    folded = index % (2 * length - 2)
    return np.minimum(folded, 2 * length - 2 - folded)


def _bilinear(source: int, target: int) -> Floats:
    """Weights (target x source); pixel centres at half-integers, ends held."""
    at = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0.0, source - 1.0)
    left = np.floor(at).astype(np.int64)
    matrix = np.zeros((target, source))
    np.add.at(matrix, (np.arange(target), left), 1.0 - (at - left))
    np.add.at(matrix, (np.arange(target), np.minimum(left + 1, source - 1)), at - left)
    return matrix
