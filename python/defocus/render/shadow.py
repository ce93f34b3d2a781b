"""A shadow behind a cutout."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.options.shadow import Shadow
from defocus.pixels.bands import row_bands
from defocus.pixels.boxes import longer_side, visible_box
from defocus.pixels.samples import Pixels, full_scale
from defocus.pixels.srgb import from_light, light_of_samples
from defocus.render.edges import grown
from defocus.threads import effective_threads

__all__ = ["cast"]

Floats = NDArray[np.float32]

# The height of a contact shadow, as a share of the subject's height.
_FLAT = 0.08


def cast(
    rgba: Pixels, shadow: Shadow, colour: Pixels, threads: int | None, *, linear: bool
) -> Pixels:
    """Put a shadow behind a cutout: H x W x 4, with the shadow as a part of alpha.

    `colour` (shape (3,)) has the dtype of the cutout.  Light is mixed; samples are sRGB, or linear
    light if `linear`.
    """
    density = np.float32(shadow.opacity) * _density(rgba[..., 3], shadow, threads)
    full = full_scale(rgba.dtype)
    table = np.arange(full + 1) / full if linear else light_of_samples(full)
    light = table.astype(np.float32)
    result: Pixels = rgba.copy()
    for band in row_bands(*density.shape):
        behind = (rgba[band][..., 3] < full) & (density[band] > 0.5 / full)
        at = np.nonzero(behind)
        pixels, dense = rgba[band][at], density[band][at][:, np.newaxis]
        alpha = pixels[:, 3:].astype(np.float32) / np.float32(full)
        rest = (1 - alpha) * dense
        # Alpha is rounded first, so that the light of soft pixels stays what it was.
        whole = np.floor((alpha + rest) * np.float32(full) + np.float32(0.5))
        amount = alpha * light[pixels[:, :3]] + rest * light[colour]
        mixed = np.minimum(amount * (np.float32(full) / whole), 1)
        encoded = (mixed if linear else from_light(mixed)) * full + 0.5
        result[band][at] = np.concatenate([encoded, whole], axis=1).astype(rgba.dtype)
    return result


def _density(alpha: Pixels, shadow: Shadow, threads: int | None) -> Floats:
    """How dense the shadow is at each pixel, 0..1, before its opacity."""
    box = visible_box(alpha)
    side = longer_side(box)
    right, down, blur, spread = (one.of(side) for one in shadow.lengths())
    plane = alpha
    if shadow.kind == "contact":
        plane = _flattened(alpha, box[1], box[3])
    if spread > 0:
        plane = grown(plane, spread)
    elif spread < 0:
        full = plane.dtype.type(full_scale(plane.dtype))
        plane = full - grown(full - plane, -spread)
    moved = _moved(plane, round(right), round(down))
    dense: Floats = moved.astype(np.float32) / np.float32(full_scale(alpha.dtype))
    if blur:
        dense = _native.gaussian_blur(dense, blur, threads=effective_threads(threads))
    return dense


def _moved(plane: Pixels, right: int, down: int) -> Pixels:
    """The plane, moved; beyond an edge it continues as it is there."""
    rows = np.clip(np.arange(plane.shape[0]) - down, 0, plane.shape[0] - 1)
    columns = np.clip(np.arange(plane.shape[1]) - right, 0, plane.shape[1] - 1)
    moved: Pixels = plane[rows][:, columns]
    return moved


def _flattened(alpha: Pixels, top: int, bottom: int) -> Pixels:
    """The matte between two rows, laid flat just above its lower end."""
    height = bottom - top
    flat = max(1, round(_FLAT * height))
    lower = np.zeros_like(alpha)
    for row in range(flat):
        first = top + row * height // flat
        last = max(first + 1, top + (row + 1) * height // flat)
        target = bottom - 2 * (flat // 2) + row
        if 0 <= target < len(alpha):
            lower[target] = alpha[first:last].max(axis=0)
    return lower
