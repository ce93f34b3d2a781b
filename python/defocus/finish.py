"""What may follow a cutout: faint alpha removed, holes filled, cropped, on a new background."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from defocus.components import label
from defocus.options import Finish

__all__ = ["clean", "crop_box", "over"]

Pixels = NDArray[np.uint8]

# A hole ends where alpha is as good as 1 again.
_SOLID = 230


def clean(rgba: Pixels, pixels: Pixels, finish: Finish, floor: float) -> None:
    """Set alpha below `floor` (0..1) to 0, and fill small holes, in place.

    `rgba` is a cutout, uint8 H x W x 4, of the photograph `pixels`, whose colours filled holes get
    back.
    """
    alpha = rgba[..., 3]
    code = math.ceil(floor * 255.0 - 1e-9)
    if code > 1:
        np.multiply(alpha, alpha >= code, out=alpha)
    if finish.fill_holes:
        filled = _holes(alpha, finish.fill_holes)
        alpha[filled] = 255
        rgba[filled, :3] = pixels[filled]


def _holes(alpha: Pixels, share: float) -> NDArray[np.bool_]:
    """Enclosed regions that are smaller than that share of the subject.

    The subject's parts touch at corners, so a hole's pixels do not.
    """
    labels, count = label(alpha < _SOLID, diagonal=False)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    small = areas < share * np.count_nonzero(alpha >= 128)
    small[0] = False
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        small[edge] = False
    filled: NDArray[np.bool_] = small[labels]
    return filled


def crop_box(alpha: Pixels, margin: float) -> tuple[slice, slice]:
    """Rows and columns of the box around alpha above 0, `margin` of its longer side wider.

    The margin ends at the frame.  Where all alpha is 0 it is the whole frame.
    """
    visible = alpha > 0
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if rows.size == 0:
        return slice(None), slice(None)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    more = round(margin * max(bottom - top, right - left))
    return (
        slice(max(top - more, 0), min(bottom + more, alpha.shape[0])),
        slice(max(left - more, 0), min(right + more, alpha.shape[1])),
    )


def over(rgba: Pixels, background: Pixels) -> Pixels:
    """The cutout on a background, uint8 (3,) or H x W x 3: opaque, uint8 H x W x 3.

    Light is mixed, not sRGB codes (IEC 61966-2-1 has the curve).  Where alpha is 0 or 1 the bytes
    stay as they are.
    """
    alpha = rgba[..., 3]
    result = np.empty((*alpha.shape, 3), np.uint8)
    result[...] = background
    np.copyto(result, rgba[..., :3], where=(alpha == 255)[..., np.newaxis])
    soft = (alpha > 0) & (alpha < 255)
    a = alpha[soft].astype(np.float32)[:, np.newaxis] / np.float32(255)
    light = _light()
    mixed = a * light[rgba[soft, :3]] + (1 - a) * light[result[soft]]
    codes = np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)
    result[soft] = (codes * 255.0 + 0.5).astype(np.uint8)
    return result


def _light() -> NDArray[np.float32]:
    codes = np.arange(256) / 255.0
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )
