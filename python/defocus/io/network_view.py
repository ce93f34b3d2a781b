"""The network view of a photograph: sRGB, and grey where it is transparent.

Pillow is imported inside the function, to keep `import defocus` light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from defocus.io import pillow
from defocus.io.colour import colour_tags, hdr, to_srgb
from defocus.io.photo import Photo
from defocus.pixels import alpha

__all__ = ["pixels"]

# The short edge of an image that is converted from another colour space: enough for a crop pass.
_ENOUGH = 1280


def pixels(photo: Photo) -> NDArray[np.uint8]:
    """Return the photograph as the network gets it: uint8 H x W x 3, possibly smaller."""
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

    image = Image.fromarray(np.ascontiguousarray(shown))
    image = image.reduce(max(1, min(image.size) // _ENOUGH))
    if numbers is not None:
        return np.asarray(hdr.to_srgb(np.asarray(image), numbers), np.uint8)
    return np.asarray(to_srgb.as_network_expects(image, profile))
