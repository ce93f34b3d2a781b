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

__all__ = ["lent", "opaque", "rows_of"]

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
    return Image.Image()._new(memory)


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
