"""The memory of PIL images: arrays that become it, and copies of some rows.

Pillow is imported inside the functions, to keep `import defocus` light; `pillow.load` comes first.

Pillow stores colours in four bytes a pixel.  Its own conversion of an array takes four times as
long, most of which is the first use of new memory.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from defocus import _native

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["array_of", "bytes_of_rows", "lent", "opaque", "rows_of"]

_LENT = "_defocus_lent"  # an attribute of images
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
    view = pixels.view()
    try:
        # `Image.frombuffer` calls it, too, but refuses RGB, and makes images that are read-only.
        memory = pillow_image.core.map_buffer(view, size, "raw", 0, (mode, 0, 1))
    except (AttributeError, TypeError, ValueError):  # Pillow does not document `map_buffer`
        return Image.frombytes("RGBA", size, pixels.tobytes()).convert(mode)
    image = Image.Image()._new(memory)
    # Nothing but `memory` holds `view`.  So while there is a view, no other object has this `id`.
    setattr(image, _LENT, (id(memory), weakref.ref(view)))
    return image


def array_of(image: Image.Image) -> NDArray[np.uint8] | None:
    """Return the array that is the memory of an image, or None where no array is.

    It has a channel for each band, and shows what was drawn on the image.  An image that was given
    other memory, as by `Image.thumbnail`, has no array.
    """
    number, reference = getattr(image, _LENT, (None, None))
    if reference is None or image.mode not in ("RGB", "RGBA"):
        return None
    memory, view = image.im, reference()
    if view is None or id(memory) != number:
        return None
    shown: NDArray[np.uint8] = view[..., : len(image.mode)]
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


def bytes_of_rows(image: Image.Image, top: int, bottom: int) -> bytes:
    """Return the samples of rows `top` to `bottom` - 1, one byte each, without gaps."""
    from PIL import Image

    pillow_image: Any = Image
    count = (bottom - top) * image.width * len(image.getbands())
    try:
        # `Image.tobytes` does the same for a whole image, by pieces of 64 KiB.
        encoder = pillow_image._getencoder(image.mode, "raw", (image.mode,))
        encoder.setimage(image.im, (0, top, image.width, bottom))
        data: bytes = encoder.encode(count)[2]
        if len(data) == count:
            return data
    except (AttributeError, TypeError, ValueError):  # Pillow does not document `_getencoder`
        pass
    return rows_of(image, top, bottom).tobytes()
