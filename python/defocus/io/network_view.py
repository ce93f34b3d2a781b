"""The network view of a photograph: sRGB, and grey where it is transparent.

Pillow is imported inside the function, to keep `import defocus` light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.io import pillow
from defocus.io.colour import colour_tags, hdr, to_srgb
from defocus.io.photo import Photo
from defocus.pixels import alpha
from defocus.threads import effective_threads

__all__ = ["pixels"]

# Colours are converted at this multiple of the network's input.  The mask then differs by .001 to
# .003 on average from that of an image converted at full size.
_ENOUGH = 2


def pixels(
    photo: Photo, input_size: tuple[int, int], threads: int | None = None
) -> NDArray[np.uint8]:
    """Return the photograph as the network gets it: uint8 H x W x 3.

    In another colour space than sRGB it is reduced before it is converted.  It keeps at least twice
    `input_size`, the width and height of the network's input.
    """
    photo = photo.in_bytes(threads)
    shown = photo.pixels
    if photo.alpha is not None:
        shown = alpha.on_neutral(shown, photo.alpha)
    profile, numbers = photo.info.get("icc_profile"), colour_tags.hdr_numbers(photo.info)
    if numbers is None and not profile:
        return shown
    pillow.load()
    if numbers is None and to_srgb.like_srgb(profile):
        return shown
    from PIL import Image

    small = _reduced(shown, _ENOUGH * max(input_size), effective_threads(threads))
    if numbers is not None:
        return np.asarray(hdr.to_srgb(small, numbers), np.uint8)
    return np.asarray(to_srgb.as_network_expects(Image.fromarray(small), profile))


def _reduced(image: NDArray[np.uint8], least: int, threads: int) -> NDArray[np.uint8]:
    """Return the image so small that its short edge has `least` pixels; never enlarged."""
    height, width = image.shape[:2]
    scale = least / min(height, width)
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    planes = _native.network_input(image, *size, (0, 0, 0), (1, 1, 1), divisor=1, threads=threads)
    return np.ascontiguousarray(np.moveaxis(planes[0] + np.float32(0.5), 0, 2).astype(np.uint8))
