"""Puts subject and background together again: the fused native passes over the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.options import Look
from defocus.threads import effective_threads

__all__ = ["cutout", "portrait"]

Mask = NDArray[np.float32] | NDArray[np.uint8]


def portrait(
    pixels: NDArray[np.uint8], mask: Mask, sigma: float, look: Look, threads: int | None
) -> NDArray[np.uint8]:
    """`pixels` (uint8 H x W x 3) with what the mask calls background blurred by `sigma` pixels.

    The mask (float32 0..1 or uint8 0..255) may have any size; it is stretched over the picture
    bilinearly.  The background is blurred by a normalised convolution,
    blur((1 - a) I) / blur(1 - a), which keeps the subject's colours out of it (Knutsson &
    Westin 1993, "Normalized and differential convolution").  Where alpha is 1 the pixels keep
    their bytes.
    """
    return _native.portrait(
        pixels,
        mask,
        sigma,
        light=look.light,
        bokeh=look.bokeh,
        blades=look.blades or 0,
        highlights=look.strength_of_highlights,
        threads=effective_threads(threads),
    )


def cutout(pixels: NDArray[np.uint8], mask: Mask, threads: int | None) -> NDArray[np.uint8]:
    """`pixels` (uint8 H x W x 3) with the mask as straight alpha: uint8 H x W x 4."""
    return _native.cutout(pixels, mask, threads=effective_threads(threads))
