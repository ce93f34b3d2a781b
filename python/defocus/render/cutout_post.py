"""Post-processing of a cutout: remove faint alpha, fill holes, blank."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from defocus.options import Finish
from defocus.pixels.alpha import multiply
from defocus.pixels.regions import label
from defocus.pixels.samples import Pixels, full_scale

__all__ = ["blank", "clean"]

# A hole ends where alpha reaches this share of its full scale.
_SOLID = 230 / 255
_BAND = 16  # rows
_BLOCK = 16  # pixels


def clean(
    rgba: Pixels, pixels: Pixels, finish: Finish, floor: float, own_alpha: Pixels | None = None
) -> None:
    """Fill small holes, and set alpha below `floor` (0..1) to 0, in place.

    `rgba` is a cutout (uint8 or uint16, H x W x 4) of the photograph `pixels`.  Filled holes get
    the colours of the photograph.  `own_alpha` is the alpha of the photograph.  It is multiplied
    in, so its holes stay.
    """
    alpha = rgba[..., 3]
    full = full_scale(alpha.dtype)
    if finish.fill_holes:
        filled = _holes(alpha, finish.fill_holes)
        alpha[filled] = full
        rgba[filled, :3] = pixels[filled]
    if own_alpha is not None:
        multiply(rgba, own_alpha)
    least_alpha = math.ceil(floor * full - 1e-9)
    if least_alpha > 1:
        _remove_faint(rgba, least_alpha)


def _remove_faint(rgba: Pixels, least_alpha: int) -> None:
    """Set alpha below `code` to 0.

    Each pixel is compared as one integer with alpha in the highest bits, in bands that stay in the
    cache.  That takes a third of the time of strided bytes.
    """
    if rgba.dtype != rgba.dtype.newbyteorder("<"):  # red, not alpha, is in the highest bits
        rgba[..., 3][rgba[..., 3] < least_alpha] = 0
        return
    bits = 8 * rgba.itemsize
    packed = rgba.view(f"<u{4 * rgba.itemsize}")[..., 0]
    colours, least = (
        packed.dtype.type((1 << 3 * bits) - 1),
        packed.dtype.type(least_alpha << 3 * bits),
    )
    for top in range(0, len(packed), _BAND):
        band = packed[top : top + _BAND]
        faint = (band < least) & (band > colours)
        if faint.any():
            rgba[top : top + _BAND, :, 3][faint] = 0


def blank(rgba: Pixels) -> None:
    """Set the pixels of a cutout to 0, in place, where nothing near them is visible.

    The hidden background would otherwise remain in the file, and would be more than half of a PNG.
    A block of 16 x 16 pixels stays if it, or one of its eight neighbours, holds a visible pixel.
    Programs that resize an image without regard to alpha mix colours at its edge.
    """
    height, width = rgba.shape[:2]
    packed = rgba.view(f"<u{4 * rgba.itemsize}")[..., 0]
    hidden = packed.dtype.type((1 << 24 * rgba.itemsize) - 1)
    starts = np.arange(0, width, _BLOCK)
    tops = range(0, height, _BLOCK)
    visible = np.zeros((len(tops) + 2, len(starts) + 2), np.bool_)
    for row, top in enumerate(tops, 1):
        columns = packed[top : top + _BLOCK].max(axis=0)
        visible[row, 1:-1] = np.maximum.reduceat(columns, starts) > hidden
    beside = visible[:, :-2] | visible[:, 1:-1] | visible[:, 2:]
    kept = beside[:-2] | beside[1:-1] | beside[2:]
    # Starts and ends of runs of blocks, in turns.
    rows, edges = np.nonzero(np.diff(kept, axis=1, prepend=True, append=True))
    runs = zip((rows[::2] * _BLOCK).tolist(), (edges * _BLOCK).reshape(-1, 2).tolist(), strict=True)
    for top, (left, right) in runs:
        packed[top : top + _BLOCK, left:right] = 0


def _holes(alpha: Pixels, share: float) -> NDArray[np.bool_]:
    """Select enclosed regions that are smaller than `share` of the subject.

    Parts of the subject touch at corners, so pixels of a hole do not.
    """
    full = full_scale(alpha.dtype)
    labels, count = label(alpha < round(_SOLID * full), diagonal=False)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    small = areas < share * np.count_nonzero(alpha > full // 2)
    small[0] = False
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        small[edge] = False
    filled: NDArray[np.bool_] = small[labels]
    return filled
