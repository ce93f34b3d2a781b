"""The preview of a large JPEG: enough for the network, and ready long before the whole is decoded.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from defocus.io import orient
from defocus.io.codecs import jpeg
from defocus.io.colour import to_srgb
from defocus.io.open import Opened, typed
from defocus.io.orient import convert, turn, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["Preview", "preview"]


@dataclass(frozen=True)
class Preview:
    """A small version of a JPEG, scaled by its DCT, which is much faster than decoding the whole.

    `size` is the width and height of the whole image, upright.
    """

    size: tuple[int, int]
    _file: io.BytesIO
    _name: str
    _small: tuple[int, int]

    def pixels(self) -> NDArray[np.uint8]:
        """Decode it, once: uint8, H x W x 3, upright.  Raises DecodeError."""
        from PIL import Image
        from PIL.JpegImagePlugin import JpegImageFile

        with typed(self._name):
            image: Image.Image = JpegImageFile(self._file)
            orientation = orient.orientation(image)
            stored = turned(self._small, orientation)
            # The box is the part of the scaled pixels that the image fills; its last pixel may lie
            # beyond it.
            _, box = image.draft(None, _preview_size(stored)) or ("", None)
            image.load()
            small = image.resize(stored, Image.Resampling.BILINEAR, box)
            small = to_srgb.as_network_expects(small, image.info.get("icc_profile"))
            return np.asarray(turn(convert(small, "RGB"), orientation))


def preview(found: Opened, small: tuple[int, int]) -> Preview | None:
    """Return a preview of an image that has one and is large enough for it to pay."""
    image, name, file = found
    # A progressive JPEG must be read to its end before the first pixel is known.  Its preview takes
    # four fifths of the time of the whole.  An MPO begins with the JPEG that counts.
    if (
        file is None
        or image.format not in ("JPEG", "MPO")
        or image.mode not in ("L", "RGB")
        or "progressive" in image.info
    ):
        return None
    with typed(name):
        orientation = orient.orientation(image)
        width, height = _preview_size(turned(small, orientation))
        if image.width < 2 * width or image.height < 2 * height:
            return None
        data = io.BytesIO(jpeg.content(file))
    return Preview(turned(image.size, orientation), data, name, small)


def _preview_size(small: tuple[int, int]) -> tuple[int, int]:
    """Return the smallest size at which to decode for an image that is resized to `small`.

    It is twice that size.  The network's map then differs by .001 to .003 on average from that of
    the whole image.  Decoded at any size from `small` on, the worst of 25 photographs differs by
    .018.
    """
    return 2 * small[0], 2 * small[1]
