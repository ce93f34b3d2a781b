"""Grain: the blur removes noise from the background; this adds it back.

The noise is measured on the photograph in 8-bit values of luma.  There it is nearly the same for
all tones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.pixels.percentiles import median, percentile
from defocus.pixels.samples import Pixels, full_scale

__all__ = ["add", "measure"]

Matte = NDArray[np.float32] | NDArray[np.uint8]

_BLOCK = 16
# The largest number of blocks that are measured, evenly spread.
_MOST_BLOCKS = 4096
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
# Nearly black or white blocks are skipped: clipping removed their noise.
_DARK, _BRIGHT = 16.0, 240.0
_SEED, _TILE = 20240229, 512
_BAND = 32  # rows that stay in the cache; divides the tile


def measure(pixels: Pixels) -> float:
    """Return the standard deviation of the noise in 8-bit values of luma, 0 if there is none.

    `pixels` is uint8 or uint16, H x W x 3.  16-bit samples are scaled to 0..255.

    The filter of Immerkaer (1996, "Fast noise variance estimation") ignores slopes and straight
    edges.  Each block contributes the median of its response, which ignores isolated details.  The
    result is the lower quartile of all blocks, because texture only adds to the response.
    """
    height, width = pixels.shape[:2]
    rows, columns = height // (_BLOCK + 2), width // (_BLOCK + 2)
    if rows == 0 or columns == 0:
        return 0.0
    every = int(np.ceil(np.sqrt(rows * columns / _MOST_BLOCKS)))
    luma = _LUMA * np.float32(255.0 / full_scale(pixels.dtype))
    found: list[float] = []
    for row in range(0, rows, every):
        top = row * (_BLOCK + 2)
        red, green, blue = np.moveaxis(
            pixels[top : top + _BLOCK + 2, : columns * (_BLOCK + 2)], 2, 0
        )
        # In this order on every processor, unlike the products of a linear algebra library.
        strip = red * luma[0] + green * luma[1] + blue * luma[2]
        blocks = strip.reshape(_BLOCK + 2, columns, _BLOCK + 2).transpose(1, 0, 2)[::every]
        across = blocks[:, :, :-2] - 2 * blocks[:, :, 1:-1] + blocks[:, :, 2:]
        response = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
        tone = blocks.mean(axis=(1, 2))
        kept = response[(tone > _DARK) & (tone < _BRIGHT)]
        # The filter has the norm 6; .6745 is the median of |x| of a unit Gaussian.
        found.extend(median(np.abs(kept.reshape(-1, _BLOCK * _BLOCK)), axis=1) / (6 * 0.6745))
    return percentile(np.asarray(found), 25) if found else 0.0


def add(
    blurred: Pixels,
    pixels: Pixels,
    matte: Matte,
    strength: float,
) -> None:
    """Add `strength` times the noise of `pixels` to the background of `blurred`, in place.

    The noise is the same in all calls, and equal in the three channels.  Where the matte (H x W,
    float32 0..1 or uint8) is 1, nothing changes.
    """
    full = full_scale(pixels.dtype)
    sigma = strength * measure(pixels) * (full / 255)
    if sigma == 0.0:
        return
    height, width = blurred.shape[:2]
    scale = np.float32(1 / 255 if matte.dtype == np.uint8 else 1)
    tile = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((_TILE, _TILE), np.float32)
    along = np.tile(tile * np.float32(sigma), (1, -(-width // _TILE)))[:, :width]
    wide = np.int16 if blurred.dtype == np.uint8 else np.int32
    for top in range(0, height, _BAND):
        rows = slice(top, min(top + _BAND, height))
        first = top % _TILE
        noise = along[first : first + rows.stop - top] * (np.float32(1.0) - scale * matte[rows])
        noisy = blurred[rows] + np.rint(noise).astype(wide)[..., np.newaxis]
        blurred[rows] = np.clip(noisy, 0, full, out=noisy)
