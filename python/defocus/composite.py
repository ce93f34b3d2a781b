"""Puts subject and background together again: the fused native passes over the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.options import Look
from defocus.threads import effective_threads

__all__ = ["cutout", "matte", "over", "portrait"]

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


def matte(pixels: NDArray[np.uint8], mask: Mask, threads: int | None, *, guided: bool) -> Mask:
    """The matte that `portrait` and `cutout` take from a mask, H x W; a full-size one as it is."""
    height, width = pixels.shape[:2]
    count = effective_threads(threads)
    if guided and mask.dtype == np.float32:
        return _native.guided_matte(pixels, mask, threads=count)
    if mask.shape == (height, width):
        return mask
    return _native.resize_bilinear(mask, width, height, threads=count)


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


def over(
    rgba: NDArray[np.uint8], background: NDArray[np.uint8], threads: int | None
) -> NDArray[np.uint8]:
    """A cutout on a background, uint8 (3,) or H x W x 3: opaque, uint8 H x W x 3.

    Light is mixed, not sRGB codes (IEC 61966-2-1 has the curve): that of soft pixels, which are
    few, after the native blend has settled all others.  Where alpha is 0 or 1 bytes stay as they
    are.
    """
    front, alpha = rgba[..., :3], rgba[..., 3]
    behind = np.broadcast_to(background, front.shape)
    result = _native.blend(front, behind, alpha, threads=effective_threads(threads))
    # Codes 1 to 254; 0 wraps around.
    soft = np.divmod(np.flatnonzero(alpha - np.uint8(1) < np.uint8(254)), alpha.shape[1])
    a = alpha[soft].astype(np.float32)[:, np.newaxis] / np.float32(255)
    codes = np.arange(256) / 255.0
    curve = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    light = curve.astype(np.float32)
    mixed = a * light[front[soft]] + (1 - a) * light[behind[soft]]
    coded = np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)
    result[soft] = (coded * 255.0 + 0.5).astype(np.uint8)
    return result
