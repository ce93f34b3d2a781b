"""One blur for the background, which fades out over the ground on which the subject stands."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.options import Look
from defocus.pixels.bands import row_bands
from defocus.pixels.samples import Pixels
from defocus.render import circle_of_confusion, composite
from defocus.threads import effective_threads

__all__ = ["portrait"]

Map = NDArray[np.float32]
Mask = Map | NDArray[np.uint8]

# Layers with a smaller weight everywhere are skipped.
_LEAST_WEIGHT = 1 / 255
# How far a blur reaches, in sigmas.
_REACH = 4.0


def portrait(
    pixels: Pixels,
    matte: Mask,
    share: Map,
    sigma: float,
    look: Look,
    threads: int | None,
    *,
    unmixed: bool,
) -> Pixels:
    """Blur the background of `pixels` (H x W x 3, uint8 or uint16) by its share of sigma.

    `matte` is H x W.  `share` is a map of any size, with the proportions of the image.

    The result is a mixture of portraits with different sigmas.  Each has the same subject, so the
    treatment of its edge stays as it is.  Each is computed for those rows only in which it counts.
    """
    out = composite.portrait(pixels, matte, sigma, look, threads, guided=False, unmixed=unmixed)
    count = effective_threads(threads)
    (_, below), *sharper = circle_of_confusion.layers(share, sigma, spacing=2)
    for step, part in sharper:
        below = below + part
        weight = np.divide(part, np.maximum(below, np.float32(1e-6)))
        rows = _rows(weight, pixels.shape[0])
        if rows is None:
            continue
        front = pixels[rows]
        if step > 0:
            wide, inner = _with_margin(rows, math.ceil(_REACH * step * sigma))
            blurred = composite.portrait(
                pixels[wide],
                matte[wide],
                step * sigma,
                look,
                threads,
                guided=False,
                unmixed=unmixed,
            )
            front = blurred[inner]
        whole = _native.resize_bilinear(weight, pixels.shape[1], pixels.shape[0], threads=count)
        out[rows] = _mixed(front, out[rows], whole[rows], count)
    return out


def _rows(weight: Map, height: int) -> slice | None:
    """The rows of the image in which a layer of this weight counts."""
    found = np.flatnonzero(weight.max(axis=1) >= _LEAST_WEIGHT)
    if found.size == 0:
        return None
    cell = height / weight.shape[0]
    first, last = (found[0] - 1) * cell, (found[-1] + 2) * cell
    return slice(max(0, math.floor(first)), min(height, math.ceil(last)))


def _with_margin(rows: slice, margin: int) -> tuple[slice, slice]:
    """These rows with more rows on both sides, and where they are among those."""
    first = max(0, rows.start - margin)
    inner = rows.start - first
    return slice(first, rows.stop + margin), slice(inner, inner + rows.stop - rows.start)


def _mixed(front: Pixels, behind: Pixels, weight: Map, threads: int) -> Pixels:
    """Mix two blurs of one picture.  They are alike, so the samples are mixed as they are."""
    if front.dtype == np.uint8:
        above, below = np.asarray(front, np.uint8), np.asarray(behind, np.uint8)
        return _native.blend(above, below, weight, threads=threads)
    mixed = np.array(behind)
    for band in row_bands(*weight.shape):
        share = weight[band][..., np.newaxis]
        values = front[band] * share + behind[band] * (np.float32(1.0) - share)
        mixed[band] = np.rint(values).astype(behind.dtype)
    return mixed
