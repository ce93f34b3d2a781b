"""Combine subject and background: the fused native passes over the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.options import Look
from defocus.pixels.bands import row_bands
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import from_light, light_of_samples
from defocus.threads import effective_threads

__all__ = ["cutout", "matte", "over", "portrait"]

Mask = NDArray[np.float32] | NDArray[np.uint8]


def portrait(
    pixels: Pixels,
    mask: Mask,
    sigma: float,
    look: Look,
    threads: int | None,
    *,
    guided: bool,
    unmixed: bool = True,
    rgbx: bool = False,
) -> Pixels:
    """Blur the background of `pixels` (H x W x 3, uint8 or uint16) by `sigma` pixels.

    A `guided` mask is the raw map of a network, float32 0..1, of any size.  A guided filter then
    makes its edges follow the photograph.  Any other mask (float32 0..1 or uint8) is the matte
    itself.

    The blur is a normalised convolution, blur((1 - a) B) / blur(1 - a), which excludes the
    subject's colours (Knutsson & Westin 1993, "Normalized and differential convolution").  If
    `unmixed`, soft pixels are separated into F and B, so that no sharp background remains (Forte &
    Pitie 2021, "Approximate fast foreground colour estimation").  Where alpha is 1 the pixels stay
    unchanged.

    The result is H x W x 3.  With `rgbx`, for uint8 only, it is H x W x 4: Pillow's memory of RGB,
    in which the fourth byte is 255.
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
        rgbx=rgbx,
        threads=effective_threads(threads),
    )


def matte(pixels: Pixels, mask: Mask, threads: int | None, *, guided: bool) -> Mask:
    """Return the matte that `portrait` and `cutout` use, H x W; a full-size matte is returned as it
    is.
    """
    height, width = pixels.shape[:2]
    count = effective_threads(threads)
    if guided:
        return _native.guided_matte(pixels, mask, threads=count)
    if mask.shape == (height, width):
        return mask
    return _native.resize_bilinear(mask, width, height, threads=count)


def cutout(
    pixels: Pixels,
    mask: Mask,
    threads: int | None,
    *,
    guided: bool,
    unmixed: bool = True,
) -> Pixels:
    """Return `pixels` (uint8 or uint16 H x W x 3) with the matte as straight alpha: H x W x 4.

    If `unmixed`, soft pixels hold the subject's own colour, without that of the background.
    """
    return _native.cutout(
        pixels, mask, guided=guided, unmixed=unmixed, threads=effective_threads(threads)
    )


def over(rgba: Pixels, background: Pixels, threads: int | None, *, linear: bool = False) -> Pixels:
    """Put a cutout on a background of its dtype, (3,) or H x W x 3: opaque, H x W x 3.

    Soft pixels are mixed in linear light.  Samples are sRGB, or linear light if `linear`.  Where
    alpha is 0 or full, the samples stay unchanged.
    """
    front, alpha = rgba[..., :3], rgba[..., 3]
    behind = np.broadcast_to(background, front.shape)
    full = full_scale(rgba.dtype)
    result: Pixels
    if rgba.dtype == np.uint8:  # the native pass gives all pixels that are not soft
        bytes_ = (np.asarray(plane, np.uint8) for plane in (front, behind, alpha))
        result = _native.blend(*bytes_, threads=effective_threads(threads))
    else:
        result = np.where(alpha[..., np.newaxis] == full, front, behind)
    table = np.arange(full + 1) / full if linear else light_of_samples(full)
    light = table.astype(np.float32)
    one = rgba.dtype.type(1)
    for band in row_bands(*alpha.shape):
        # Alpha from 1 to full - 1; 0 wraps around.
        soft = np.divmod(np.flatnonzero(alpha[band] - one < full - one), alpha.shape[1])
        a = alpha[band][soft].astype(np.float32)[:, np.newaxis] / np.float32(full)
        mixed = a * light[front[band][soft]] + (1 - a) * light[behind[band][soft]]
        encoded = mixed if linear else from_light(mixed)
        result[band][soft] = (encoded * full + 0.5).astype(rgba.dtype)
    return result
