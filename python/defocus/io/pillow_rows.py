"""Rows of a Pillow image, independent of Pillow's limit on pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["rows_of"]


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
