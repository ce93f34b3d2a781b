"""PIL images of 16 bits a channel, for which Pillow has a mode only if they are grey."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from defocus.errors import ImageTypeError
from defocus.io.pillow_rows import rows_of
from defocus.pixels.samples import Samples16, to_bytes

__all__ = ["GREY_MODES", "DeepImage", "samples_of"]

GREY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_MODES = {2: "LA", 3: "RGB", 4: "RGBA"}
_BAND = 1 << 18  # pixels


class DeepImage(Image.Image):
    """A picture of 16 bits a channel: an 8-bit PIL image that carries its 16 bits along.

    `samples` is the picture itself: uint16, height x width x 3 (RGB), 4 (RGBA) or 2 (grey and
    alpha), read-only.  To Pillow, which has no such modes, the image is those rounded to 8 bits,
    mode RGB, RGBA or LA: `show`, `resize`, `numpy.asarray` and its own `save` see 8 bits.
    `defocus.save`, `portrait`, `cutout` and `find_subject` see 16, unless something was drawn or
    pasted onto the image since: then what it shows counts.

    >>> image = DeepImage.of(np.full((2, 3, 3), 1000, np.uint16))
    >>> image.mode, image.size, image.getpixel((0, 0)), int(image.samples[0, 0, 0])
    ('RGB', (3, 2), (4, 4, 4), 1000)
    """

    samples: Samples16

    @classmethod
    def of(cls, samples: Samples16) -> DeepImage:
        """An image of uint16 samples, height x width x 2, 3 or 4, which are not copied."""
        if not isinstance(samples, np.ndarray):
            raise ImageTypeError(
                f"samples is a {type(samples).__name__}; expected a uint16 array, height x width x"
                " 2, 3 or 4"
            )
        if samples.dtype != np.uint16 or samples.ndim != 3 or samples.shape[2] not in _MODES:
            raise ImageTypeError(
                f"samples are {samples.dtype} of shape {samples.shape}; expected uint16, height x"
                " width x 2, 3 or 4"
            )
        height, width = samples.shape[:2]
        image: Any = Image.new(_MODES[samples.shape[2]], (width, height), None)
        for top, shown in _bands(samples):
            image.paste(Image.fromarray(shown), (0, top))
        image.__class__ = cls  # Pillow's own way to make one takes no class
        image.samples = samples.view()
        image.samples.setflags(write=False)
        made: DeepImage = image
        return made

    def copy(self) -> Image.Image:
        """A copy with the same 16 bits, as far as they are still what the image shows."""
        kept = samples_of(self)
        if kept is None:
            return super().copy()
        other = DeepImage.of(kept)
        other.info.update(self.info)
        return other

    def __reduce__(self) -> Any:
        """Pickle the 16 bits, too."""
        kept = samples_of(self)
        if kept is None:
            return _plain, (self.mode, self.size, self.tobytes(), dict(self.info))
        return _restored, (np.array(kept), dict(self.info))


def samples_of(image: Image.Image) -> Samples16 | None:
    """The 16-bit samples of a PIL image, height x width (grey) or with 2 to 4 channels.

    None for an image of 8 bits, and for a DeepImage that has been changed since it was made.
    """
    if image.mode in GREY_MODES:
        return np.asarray(image).astype(np.uint16, copy=False)
    if not isinstance(image, DeepImage):
        return None
    samples = image.samples
    height, width, channels = samples.shape
    if image.size != (width, height) or image.mode != _MODES[channels]:
        return None
    plain = Image.Image.copy(image)  # of which Pillow's crop makes no DeepImage
    for top, shown in _bands(samples):
        if rows_of(plain, top, top + len(shown)).tobytes() != shown.tobytes():
            return None
    return samples


def _bands(samples: Samples16) -> Any:
    rows = max(1, _BAND // max(1, samples.shape[1]))
    for top in range(0, samples.shape[0], rows):
        yield top, to_bytes(samples[top : top + rows], 1)


def _restored(samples: Samples16, info: dict[Any, Any]) -> DeepImage:
    image = DeepImage.of(samples)
    image.info.update(info)
    return image


def _plain(mode: str, size: tuple[int, int], data: bytes, info: dict[Any, Any]) -> Image.Image:
    image = Image.frombytes(mode, size, data)
    image.info.update(info)
    return image
