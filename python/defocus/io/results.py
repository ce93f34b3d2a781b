"""Results -> the kind of image that the caller passed.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.errors import DefocusWarning
from defocus.io import pillow, pillow_memory
from defocus.io.metadata import metadata
from defocus.io.photo import Photo
from defocus.io.pillow import Image
from defocus.pixels.alpha import with_alpha
from defocus.pixels.samples import Pixels

__all__ = ["can_lend", "of_samples", "to_output", "unchanged"]


def to_output(pixels: Pixels, photo: Photo, *, opaque: bool = False) -> Image.Image | NDArray[Any]:
    """Return `pixels` as the kind of image that `photo` came as.

    `pixels` is H x W x 3, H x W x 4 with alpha, or H x W for a matte.  If the caller passed an
    array, the result is an array.  Otherwise it is a PIL image, grey if the source was grey.
    If pixels with four channels are `opaque`, the fourth is 255 and no alpha.  Four channels become
    the memory of the image: nobody else may write to them.

    Its `info` holds the colour profile, EXIF, XMP, IPTC and resolution.  The `save` of this package
    writes all of these.  Pillow's own `save` writes only the profile, and only to PNG, TIFF and
    AVIF.  A matte is not the photograph, so its image has no metadata.

    16-bit samples become an image of mode I;16 if they are grey, else a DeepImage.  A
    DefocusWarning names metadata that the source had and the result cannot hold.
    """
    if photo.layout is not None:
        return photo.layout.result(pixels, photo.pixels if photo.alpha is None else None)
    if pixels.ndim == 2:
        return _own(of_samples(pixels))
    if photo.mode == "L":
        pixels = pixels[..., 0] if pixels.shape[2] == 3 else pixels[..., ::3]
    pillow.load()
    if can_lend(photo) and pixels.shape[2] == 4 and pixels.flags.c_contiguous:
        image = pillow_memory.lent(np.asarray(pixels, np.uint8), "RGB" if opaque else "RGBA")
    else:
        image = _own(of_samples(pixels))
    image.info.update(metadata.resized(photo.info, image.size, cropped=image.size != photo.size))
    if photo.lost:
        warnings.warn(metadata.message(photo.lost), DefocusWarning, stacklevel=3)
    return image


def can_lend(photo: Photo) -> bool:
    """Return whether four channels would become the memory of an image of this photo."""
    return photo.layout is None and photo.mode == "RGB" and not photo.deep


def unchanged(photo: Photo) -> Any:
    """Return the photograph itself, as `to_output` returns results."""
    pixels, alpha = photo.pixels, photo.alpha
    return to_output(pixels if alpha is None else with_alpha(pixels, alpha), photo)


def _own(image: Image.Image) -> Image.Image:
    """Return an image that is writable and shares its memory with no array."""
    return image.copy() if image.readonly else image


def of_samples(pixels: Pixels) -> Image.Image:
    """Return an array as a PIL image, which may share the memory of the array."""
    pillow.load()
    from PIL import Image

    if pixels.dtype == np.uint16:
        from defocus.io.codecs.deep_image import DeepImage

        if pixels.ndim == 2:
            return Image.fromarray(np.ascontiguousarray(pixels))
        return DeepImage.of(np.asarray(pixels, np.uint16))
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        return pillow_memory.opaque(np.asarray(pixels, np.uint8))
    return Image.fromarray(pixels)
