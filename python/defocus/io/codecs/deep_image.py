"""PIL images with 16 bits per channel; Pillow itself has such modes only for grey."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from defocus.errors import ImageTypeError, type_of
from defocus.io.pillow_memory import rows_of
from defocus.pixels.samples import Samples16, to_bytes

__all__ = ["GREY_MODES", "DeepImage", "samples_of"]

GREY_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
_MODES = {2: "LA", 3: "RGB", 4: "RGBA"}
_BAND = 1 << 18  # pixels


class DeepImage(Image.Image):
    """An 8-bit PIL image that also carries 16-bit samples.

    To Pillow the image has 8 bits, in mode RGB, RGBA or LA.  `show`, `resize`, `numpy.asarray` and
    Pillow's `save` use those.  `defocus.save`, `portrait`, `cutout` and `find_subject` use the 16
    bits.  If the image was drawn on or pasted onto, the 8-bit image counts instead.

    Attributes
    ----------
    samples : uint16 array, read-only
        Height x width x 3 (RGB), 4 (RGBA, straight alpha) or 2 (grey and alpha), 0 to 65535.

    Examples
    --------
    >>> image = DeepImage.of(np.full((2, 3, 3), 1000, np.uint16))
    >>> image.mode, image.size, image.getpixel((0, 0)), int(image.samples[0, 0, 0])
    ('RGB', (3, 2), (4, 4, 4), 1000)
    """

    samples: Samples16

    @classmethod
    def of(cls, samples: Samples16) -> DeepImage:
        """Make an image of 16-bit samples.

        Parameters
        ----------
        samples : uint16 array, height x width x 2, 3 or 4
            The array is not copied.

        Returns
        -------
        DeepImage

        Raises
        ------
        ImageTypeError
            `samples` is not such an array.
        """
        if not isinstance(samples, np.ndarray):
            raise ImageTypeError(
                f"samples is {type_of(samples)}; expected a uint16 array, height x width x"
                " 2, 3 or 4"
            )
        if samples.dtype != np.uint16 or samples.ndim != 3 or samples.shape[2] not in _MODES:
            raise ImageTypeError(
                f"samples has dtype {samples.dtype} and shape {samples.shape}; expected uint16,"
                " height x width x 2, 3 or 4"
            )
        height, width = samples.shape[:2]
        image: Any = Image.new(_MODES[samples.shape[2]], (width, height), None)
        for top, shown in _bands(samples):
            image.paste(Image.fromarray(shown), (0, top))
        image.__class__ = cls  # Pillow's constructors accept no class
        image.samples = samples.view()
        image.samples.setflags(write=False)
        made: DeepImage = image
        return made

    def copy(self) -> Image.Image:
        """Return a copy, with the 16-bit samples unless the image was changed."""
        kept = samples_of(self)
        if kept is None:
            return super().copy()
        other = DeepImage.of(kept)
        other.info.update(self.info)
        return other

    def __reduce__(self) -> Any:
        """Pickle the 16-bit samples too."""
        kept = samples_of(self)
        if kept is None:
            return _plain, (self.mode, self.size, self.tobytes(), dict(self.info))
        return _restored, (np.array(kept), dict(self.info))


def samples_of(image: Image.Image) -> Samples16 | None:
    """Return the 16-bit samples of a PIL image: height x width (grey), or with 2 to 4 channels.

    The result is None for an 8-bit image, and for a DeepImage that was changed after it was made.
    """
    if image.mode in GREY_MODES:
        return np.asarray(image).astype(np.uint16, copy=False)
    if not isinstance(image, DeepImage):
        return None
    samples = image.samples
    height, width, channels = samples.shape
    if image.size != (width, height) or image.mode != _MODES[channels]:
        return None
    plain = Image.Image.copy(image)  # its crop returns plain images
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
