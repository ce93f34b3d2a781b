"""Images with more than 8 bits per sample: their 16-bit samples, or a clear error.

Pillow cuts most of them to 8 bits without an error, so it must not decode them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from defocus.errors import ImageTypeError
from defocus.io.codecs import png_frames, png_reader, tiff_reader
from defocus.pixels.samples import Samples16

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DeepFrame", "DeepPicture", "frames", "read"]

_ORIENTATION = 0x0112


class DeepPicture(NamedTuple):
    """A decoded image as it is stored: uint16 H x W x 3, and alpha H x W if it has one.

    `mode` is "L" if the image is grey and its three channels are equal.  `described` is a Pillow
    image of any size that holds the metadata.
    """

    pixels: Samples16
    alpha: Samples16 | None
    mode: Literal["L", "RGB"]
    described: Image.Image

    @property
    def opaque(self) -> bool:
        """Whether no pixel is transparent."""
        return self.alpha is None or bool((self.alpha == 65535).all())

    @property
    def orientation(self) -> int | None:
        """The orientation of a TIFF, which Pillow applies by itself when it decodes; else None."""
        if self.described.format != "TIFF":
            return None
        stated = self.described.getexif().get(_ORIENTATION, 1)
        return stated if isinstance(stated, int) else 1


class DeepFrame(NamedTuple):
    """A frame of an animation, its time in milliseconds, and the number of plays, 0 for endless."""

    picture: DeepPicture
    duration: float
    plays: int


def read(image: Image.Image, file: IO[bytes] | None, name: str) -> DeepPicture | None:
    """Decode an opened image with 16 bits per sample; the result is None for 8 bits.

    The image begins at the start of `file`, which is None if the caller passed a PIL image.  Raises
    ImageTypeError for other depths.  Damaged files raise ValueError, zlib.error or Pillow's errors.
    """
    from defocus.io.codecs.deep_image import DeepImage, samples_of
    from defocus.io.codecs.portable import PortableImage

    if not _is_deep(image):
        samples = samples_of(image) if isinstance(image, DeepImage) else None
        return None if samples is None else _picture(samples, image)
    if isinstance(image, PortableImage):
        return _picture(np.asarray(image.samples(), np.uint16), image)
    tile = getattr(image, "tile", ())
    if file is None and tile:  # the image comes from Image.open and is not decoded yet
        file = _own_file(image)
    described = image
    if file is None or not tile:
        samples = _in_memory(image, name)
    elif image.format == "PNG":
        samples, described = _png(image, file)
    elif image.format == "TIFF":
        samples = tiff_reader.read(image, file, name)
    elif image.format == "PPM":
        samples = _portable(image, file, name)
    else:
        raise ImageTypeError(
            f"{name} is {image.format} with more than 8 bits per sample; save it as PNG or TIFF"
            " first"
        )
    return _picture(samples, described)


def frames(image: Image.Image, file: IO[bytes] | None) -> Iterator[DeepFrame] | None:
    """Return the frames of an animated PNG with 16 bits per sample; None for any other image.

    `file` is that of `read`.  Iteration raises the errors of `read`.
    """
    if image.format != "PNG" or getattr(image, "n_frames", 1) == 1 or not _is_deep(image):
        return None
    file = file or _own_file(image)
    return None if file is None else _png_frames(image, file)


def _png_frames(image: Image.Image, file: IO[bytes]) -> Iterator[DeepFrame]:
    found = png_reader.read(file, image.size)
    for frame in png_frames.frames(found, file):
        yield DeepFrame(_picture(frame.samples, _described(found)), frame.duration, frame.plays)


def _png(image: Image.Image, file: IO[bytes]) -> tuple[Samples16, Image.Image]:
    """Return the samples of a PNG, with alpha if it has any, and an image with its metadata.

    Of an animation, the samples are those of the current frame of the image.
    """
    found = png_reader.read(file, image.size)
    index = image.tell()
    if index == 0:
        return found.pixels(file), _described(found)
    if getattr(image, "default_image", False):
        index -= 1  # an image for readers without animations comes first
    frame = next(islice(png_frames.frames(found, file), index, None))
    return frame.samples, _described(found)


def _described(found: png_reader.DeepPng) -> Image.Image:
    from PIL import PngImagePlugin

    return PngImagePlugin.PngImageFile(io.BytesIO(found.rest))


def _in_memory(image: Image.Image, name: str) -> Samples16:
    """Return the samples of an image that Pillow has decoded: only grey images still have them."""
    from defocus.io.codecs.deep_image import GREY_MODES, samples_of

    samples = samples_of(image)
    bits = set(getattr(image, "tag_v2", {}).get(0x0102, (16,)))
    if samples is not None and bits == {16}:
        return samples
    if image.mode in ("I", "F") or image.mode in GREY_MODES:
        raise ImageTypeError(
            f"{name} has mode {image.mode}, whose values do not fit into 16 bits; scale it to 16"
            ' bits (mode "I;16", or a uint16 array) or to 8 bits first'
        )
    raise ImageTypeError(
        f"{name} had more than 8 bits per sample, which Pillow has cut to 8; pass the file itself"
    )


def _is_deep(image: Image.Image) -> bool:
    """Return whether the image has more than 8 bits per sample; Pillow would cut some without an
    error.
    """
    from defocus.io.codecs.portable import PortableImage

    bits_per_sample = getattr(image, "tag_v2", {}).get(0x0102, (8,))
    if image.mode[0] in "IF" or max(bits_per_sample) > 8:
        return True
    if isinstance(image, PortableImage):
        return image.most > 255
    return any(
        # "RGB;16B" has 16 bits a sample; "BGR;16", of a BMP, has 16 bits a pixel.
        re.search(";16[BLN]", str(arguments)) or _is_deep_portable(codec, arguments)
        for codec, _, _, arguments in getattr(image, "tile", ())
    )


def _is_deep_portable(codec: str, arguments: Any) -> bool:
    """Return whether the codec is Pillow's own for PGM and PPM, with a maximum above 255."""
    return codec.startswith("ppm") and isinstance(arguments[-1], int) and arguments[-1] > 255


def _own_file(image: Any) -> IO[bytes] | None:
    """Return a copy of the file from which an opened Pillow image would read its pixels."""
    file = getattr(image, "fp", None)
    if file is None or getattr(file, "closed", False):
        return None
    place = file.tell()
    try:
        file.seek(0)
        return io.BytesIO(file.read())
    finally:
        file.seek(place)


def _portable(image: Image.Image, file: IO[bytes], name: str) -> Samples16:
    """Return the samples of a PGM or PPM that Pillow has opened."""
    from defocus.io.codecs.portable import samples_of

    if image.mode == "F":
        raise ImageTypeError(
            f"{name} is a floating-point file; convert it to 8 or 16 bits per sample first"
        )
    return np.asarray(samples_of(file), np.uint16)


def _picture(samples: Samples16, described: Image.Image) -> DeepPicture:
    if samples.ndim == 2:
        samples = samples[..., np.newaxis]
    channels = samples.shape[2]
    colours = 1 if channels < 3 else 3
    alpha = samples[..., -1] if channels > colours else None
    pixels = samples[..., :colours]
    if colours == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return DeepPicture(pixels, alpha, "L" if colours == 1 else "RGB", described)
