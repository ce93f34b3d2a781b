"""The memory of PIL images: arrays that become it, and copies of some rows.

Pillow is imported inside the functions, to keep `import defocus` light; `pillow.load` comes first.

Pillow stores colours in four bytes a pixel.  Its own conversion of an array takes four times as
long, most of which is the first use of new memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from defocus import _native

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["array_of", "lent", "opaque", "rows_of"]

_LENT = "_defocus_memory"  # an attribute of images: Pillow's object for the memory, and the array
_OPAQUE = np.full((1, 1), 255, np.uint8)


def opaque(pixels: NDArray[np.uint8]) -> Image.Image:
    """Copy H x W x 3 to an image of mode RGB, which is writable."""
    return lent(_native.cutout(pixels, _OPAQUE), "RGB")


def lent(pixels: NDArray[np.uint8], mode: Literal["RGB", "RGBA"]) -> Image.Image:
    """Return an image whose memory is the array `pixels`, H x W x 4 without gaps.

    For RGB the fourth byte has to be 255.  Drawing on the image changes the array.
    """
    from PIL import Image

    size = pixels.shape[1], pixels.shape[0]
    pillow_image: Any = Image
    try:
        # `Image.frombuffer` calls it, too, but refuses RGB, and makes images that are read-only.
        memory = pillow_image.core.map_buffer(pixels, size, "raw", 0, (mode, 0, 1))
    except (AttributeError, TypeError, ValueError):  # Pillow does not document `map_buffer`
        return Image.frombytes("RGBA", size, pixels.tobytes()).convert(mode)
    image = Image.Image()._new(memory)
    setattr(image, _LENT, (memory, pixels))
    return image


def array_of(image: Image.Image) -> NDArray[np.uint8] | None:
    """Return the array that is the memory of an image, or None where no array is.

    It has a channel for each band.  It shows what was drawn on the image.  An image that was given
    other memory, as by `Image.thumbnail`, has no array.
    """
    memory, pixels = getattr(image, _LENT, (None, None))
    if pixels is None or memory is not image.im or image.mode not in ("RGB", "RGBA"):
        return None
    shown: NDArray[np.uint8] = pixels[..., : len(image.mode)]
    return shown


def rows_of(image: Image.Image, top: int, bottom: int) -> Image.Image:
    """Copy rows `top` to `bottom` - 1 of an image without a palette, with its `info`.

    `Image.crop` warns about, or refuses, more pixels than `PIL.Image.MAX_IMAGE_PIXELS`, even in
    memory.
    """
    from PIL import Image

    band = Image.new(image.mode, (image.width, bottom - top), None)
    band.paste(image, (0, -top))
    band.info = dict(image.info)
    return band
