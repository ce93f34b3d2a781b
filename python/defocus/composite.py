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
    pixels: NDArray[np.uint8],
    mask: Mask,
    sigma: float,
    look: Look,
    threads: int | None,
    *,
    guided: bool,
    unmixed: bool = True,
) -> NDArray[np.uint8]:
    """`pixels` (uint8 H x W x 3) with what the mask calls background blurred by `sigma` pixels.

    A `guided` mask is a network's raw map (float32 0..1, of any size), whose edges are made to
    follow the photograph; any other (or uint8 0..255) is the matte itself.  The background is
    blurred by a normalised convolution, blur((1 - a) B) / blur(1 - a), which keeps the subject's
    colours out of it (Knutsson & Westin 1993, "Normalized and differential convolution").  If
    `unmixed`, soft pixels are taken apart into F and B (Forte & Pitie 2021, "Approximate fast
    foreground colour estimation"), so that the sharp background does not come along.  Where
    alpha is 1 the pixels keep their bytes.
    """
    return _native.portrait(
        pixels,
        mask,
        sigma,
        light=look.light,
        bokeh=look.bokeh,
        blades=look.blades or 0,
        highlights=look.strength_of_highlights,
        guided=guided,
        unmixed=unmixed,
        threads=effective_threads(threads),
    )


def cutout(
    pixels: NDArray[np.uint8],
    mask: Mask,
    threads: int | None,
    *,
    guided: bool,
    unmixed: bool = True,
) -> NDArray[np.uint8]:
    """`pixels` (uint8 H x W x 3) and the matte as straight alpha: uint8 H x W x 4.

    If `unmixed`, soft pixels hold the subject's own colour, without the background's.
    """
    return _native.cutout(
        pixels, mask, guided=guided, unmixed=unmixed, threads=effective_threads(threads)
    )
