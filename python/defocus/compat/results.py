"""The results of rembg: RGBA or grey with 8 bits, on a colour, or with a mask of two values."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.io.photo import Photo
from defocus.io.pillow import Image
from defocus.io.results import of_samples
from defocus.kernels import gaussian_blur
from defocus.options.compat import Colour
from defocus.pipeline.cutout import cutout
from defocus.pixels.alpha import with_alpha

__all__ = ["in_eight_bits", "on_colour", "two_values", "with_own_colours"]

_KEPT = ("icc_profile",)
_SIGMA, _HALF = 2.0, 127


def in_eight_bits(photo: Photo) -> Photo:
    """The photograph for an RGBA image of 8 bits, which keeps only the colour profile."""
    small = photo.in_bytes()
    kept = small.in_colour().info
    info = {key: kept[key] for key in _KEPT if key in kept}
    return dataclasses.replace(small, mode="RGB", layout=None, info=info, lost=())


def two_values(matte: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The matte opened by a cross of 3 x 3, blurred with a sigma of 2, and cut at a half.

    >>> mask = two_values(np.eye(9, dtype=np.float32))  # a line of single pixels vanishes
    >>> mask.max(), two_values(np.ones((9, 9), np.float32)).min()
    (np.uint8(0), np.uint8(255))
    """
    levels = np.rint(matte * np.float32(255)).astype(np.uint8)
    opened = _cross(_cross(levels, np.minimum, 255), np.maximum, 0)
    smooth = gaussian_blur(opened, _SIGMA)
    return np.asarray(np.where(smooth < _HALF, np.uint8(0), np.uint8(255)))


def _cross(values: NDArray[np.uint8], pick: np.ufunc, outside: int) -> NDArray[np.uint8]:
    """The least or largest value of each pixel and its four neighbours."""
    padded = np.pad(values, 1, constant_values=outside)
    result: NDArray[np.uint8] = values.copy()
    for near in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        pick(result, near, out=result)
    return result


def with_own_colours(photo: Photo, matte: Image.Image) -> Image.Image:
    """The photograph with the matte as its alpha; soft pixels keep their mixed colours."""
    made = of_samples(with_alpha(photo.pixels, np.asarray(matte)))
    made.info.update(photo.info)
    return made


def on_colour(rgba: Image.Image, colour: Colour) -> Image.Image:
    """The cutout on a colour, which may be transparent itself: RGBA.

    Light is mixed, as with `background=` of `cutout`.
    """
    alpha = np.divide(np.asarray(rgba.getchannel("A"), np.float32), np.float32(255))
    behind = np.float32(colour[3] / 255)
    covered = alpha + behind * (1 - alpha)
    # The share of the subject in what is visible of a pixel.
    share = np.divide(alpha, covered, out=np.zeros_like(alpha), where=covered > 0)
    front = rgba.copy()
    front.putalpha(_levels(share))
    whole: Any = np.ones(alpha.shape, np.bool_)
    made = cutout(front, matte=whole, background=colour[:3]).convert("RGBA")
    made.putalpha(_levels(covered))
    return made


def _levels(alpha: NDArray[np.float32]) -> Image.Image:
    return of_samples(np.rint(alpha * np.float32(255)).astype(np.uint8))
