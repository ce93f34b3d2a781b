"""Images -> files.

A file appears whole or not at all.  Pillow is imported inside the functions.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.errors import (
    DefocusWarning,
    EncodeError,
    ImageTypeError,
    type_of,
)
from defocus.io import pillow, pillow_memory
from defocus.io.codecs import heif, jpeg, png, tiff
from defocus.io.codecs.codec_errors import encoding
from defocus.io.colour import output_colour
from defocus.io.formats import FORMATS, pillow_settings
from defocus.io.metadata import metadata
from defocus.io.output_files import Target, check_target, write_file, write_path
from defocus.io.pillow import Image
from defocus.io.results import of_samples
from defocus.options import Compression, Storage, Strip, Subsampling
from defocus.options.values import check_threads
from defocus.pixels import samples
from defocus.pixels.arrays import SupportsArray, as_array, plain
from defocus.pixels.samples import Pixels
from defocus.threads import effective_threads
from defocus.timing import stage

__all__ = ["Target", "as_picture", "check_target", "encoded", "save", "to_bytes"]

_NEEDED = ("transparency",)  # keys of `info` that the pixels need


def save(
    image: Image.Image | NDArray[Any] | SupportsArray,
    target: Target,
    *,
    format: str | None = None,
    quality: int | None = None,
    subsampling: Subsampling | None = None,
    compression: Compression | None = None,
    strip: Strip = "none",
    threads: int | None = None,
) -> None:
    """Save an image with its colour profile, EXIF, XMP, IPTC and resolution.

    A path receives the finished file in one step, so that no program reads half of it.  A link is
    followed.  A pipe or device is written to directly.  If a file cannot be replaced (a mount
    point, a read-only folder), its bytes are overwritten, and a DefocusWarning is issued.

    16 bits per sample (uint16, floats, a DeepImage, mode I;16) are stored in PNG and TIFF.  In all
    other formats they are rounded to 8 bits.  Previews and thumbnails are left out.  WebP, AVIF and
    HEIC have no place for IPTC, and store a resolution in EXIF only.  JPEG has no room for EXIF
    or XMP above 64 KiB.  A DefocusWarning names the metadata that is left out for such a reason.

    Parameters
    ----------
    image : PIL image, or array of uint8, uint16 or floats 0 to 1
        An array is H x W or H x W x 1 (grey), H x W x 3 (RGB) or H x W x 4 (RGBA, straight alpha).
    target : str, os.PathLike or binary file
    format : {"jpeg", "png", "webp", "tiff", "avif", "heic"}, optional
        Default: the format of the target's extension.  "heic" needs `defocus[heif-write]`.
    quality : int, optional
        1 to 100, for JPEG, WebP, AVIF and HEIC.  Default: that of a JPEG source (see Notes), else
        95 for JPEG and WebP, and 90 for AVIF and HEIC.
    subsampling : {"4:4:4", "4:2:2", "4:2:0"}, optional
        For JPEG, AVIF and HEIC.  Default: that of a JPEG source, else "4:4:4".
    compression : {"fast", "small"}, optional
        For PNG.  "small" saves about a tenth of the bytes and takes over twenty times as long.
        Default: "fast".
    strip : {"none", "gps", "all"}, default "none"
        "gps" leaves out the position of the photograph.  "all" leaves out EXIF, XMP and IPTC.
        The colour profile and the resolution are always kept.
    threads : int, optional
        The largest number of threads for a large PNG, 1 or more.  The bytes do not depend on it.
        Default: all that the process may use.

    Raises
    ------
    UnsupportedFormatError, EncodeError
        The format cannot hold the image.
    MissingExtraError
        `defocus[heif-write]` is needed and not installed.
    OutputError
        The file cannot be written.
    ImageTypeError, ImageValueError, OptionTypeError, OptionError
        The image or an option is not accepted.

    Notes
    -----
    A JPEG made from a JPEG uses the quantisation tables and the subsampling of its source.
    No table is coarser than that of quality 75.  Results of `portrait` and `cutout` carry both in
    `info["jpeg"]`.

    Examples
    --------
    >>> import io, numpy as np
    >>> file = io.BytesIO()
    >>> save(np.zeros((2, 3, 4), np.uint8), file, format="png")
    >>> file.getvalue()[:4]
    b'\\x89PNG'
    """
    storage = Storage(
        quality=quality, subsampling=subsampling, compression=compression, strip=strip
    )
    data, lost = encoded(image, target, format, storage, threads)
    deliver(data, target, lost)


def to_bytes(
    image: Image.Image | NDArray[Any] | SupportsArray,
    *,
    format: str = "png",
    quality: int | None = None,
    subsampling: Subsampling | None = None,
    compression: Compression | None = None,
    strip: Strip = "none",
    threads: int | None = None,
) -> bytes:
    """Encode an image as `save` does, and return the bytes of the file.

    Parameters
    ----------
    image : PIL image, or array of uint8, uint16 or floats 0 to 1
        As for `save`.
    format : {"png", "jpeg", "webp", "tiff", "avif", "heic"}, default "png"
    quality, subsampling, compression, strip, threads
        As for `save`.

    Returns
    -------
    bytes

    Raises
    ------
    DefocusError
        As for `save`, but for OutputError.

    Examples
    --------
    >>> import numpy as np
    >>> to_bytes(np.zeros((2, 3, 3), np.uint8), format="jpeg")[:3]
    b'\\xff\\xd8\\xff'
    """
    storage = Storage(
        quality=quality, subsampling=subsampling, compression=compression, strip=strip
    )
    data, lost = encoded(image, io.BytesIO(), format, storage, threads)
    if lost:
        warnings.warn(metadata.message(lost), DefocusWarning, stacklevel=2)
    return data


def encoded(
    image: Image.Image | NDArray[Any] | SupportsArray,
    target: Target,
    format: str | None,
    storage: Storage,
    threads: int | None,
) -> tuple[bytes, list[str]]:
    """The bytes of the file, and the names of the metadata that is left out."""
    pixels = _pixels(image)
    picture: Any = image if pixels is None else _stand_in(pixels)
    check_threads(threads)
    alpha = picture.has_transparency_data
    name = check_target(target, needs_alpha=alpha, format=format, storage=storage)
    with stage("encode"):
        if pixels is None:
            return _encode(picture, name, storage, threads)
        return _encode_array(pixels, name, storage, threads)


def deliver(data: bytes, target: Target, lost: list[str]) -> None:
    """Warn, as the function that calls this one, of metadata that was lost; then write the file."""
    if lost:
        warnings.warn(metadata.message(lost), DefocusWarning, stacklevel=3)
    if isinstance(target, (str, os.PathLike)):
        write_path(os.fsdecode(target), data)
    else:
        write_file(target, data)


def as_picture(image: Any) -> Image.Image:
    """Return what `save` accepts as a PIL image.  Raises ImageTypeError or ImageValueError."""
    pixels = _pixels(image)
    picture: Image.Image = image if pixels is None else of_samples(pixels)
    return picture


def _pixels(image: Any) -> Pixels | None:
    """Return the samples of an array; None for a PIL image.

    Raises ImageTypeError or ImageValueError.
    """
    pillow.load()
    from PIL import Image

    if isinstance(image, Image.Image):
        return None
    array = as_array(image)
    if array is not None:
        return plain(array)
    raise ImageTypeError(f"the image is {type_of(image)}; expected a PIL image or an array")


def _encode(
    picture: Image.Image, name: str, storage: Storage, threads: int | None
) -> tuple[bytes, list[str]]:
    """Return the bytes of the file, and the names of the metadata that is left out."""
    from defocus.io.codecs import deep_image  # imports Pillow

    _check_sides(picture.size, name)
    picture = output_colour.fitting(picture, name)
    samples16 = deep_image.samples_of(picture)
    if samples16 is not None and samples16.ndim == 2:
        shown = of_samples(samples.to_bytes(samples16))
        shown.info.update(picture.info)
        picture, samples16 = shown, samples16[..., np.newaxis]
    settings, lost = pillow_settings(picture, name, storage)
    with encoding(f"a {picture.mode} picture", name):
        held = pillow_memory.array_of(picture) if samples16 is None else samples16
        return _by_format(_bare(picture), name, settings, held, storage, threads), lost


def _encode_array(
    pixels: Pixels, name: str, storage: Storage, threads: int | None
) -> tuple[bytes, list[str]]:
    """Encode H x W, H x W x 3 or H x W x 4, as `_encode` does."""
    deep, small = pixels.dtype == np.uint16, storage.compression == "small"
    if not (name == "PNG" and png.takes(pixels, small=small)) and not (name == "TIFF" and deep):
        return _encode(of_samples(pixels), name, storage, threads)
    _check_sides((pixels.shape[1], pixels.shape[0]), name)
    picture = _stand_in(pixels)
    settings, lost = pillow_settings(picture, name, storage)
    held = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    with encoding(f"a {picture.mode} picture", name):
        return _by_format(picture, name, settings, held, storage, threads), lost


def _stand_in(pixels: Pixels) -> Image.Image:
    """Return an image of one pixel in the mode of an array; Pillow has been loaded."""
    from PIL import Image

    return Image.new(png.MODES[pixels.shape[2] - 1 if pixels.ndim == 3 else 0], (1, 1))


def _check_sides(size: tuple[int, int], name: str) -> None:
    form, (width, height) = FORMATS[name], size
    if not (1 <= width <= form.max_side and 1 <= height <= form.max_side):
        limit = f"sides may be 1 to {form.max_side}"
        raise EncodeError(f"{name} cannot hold {width} x {height} pixels; {limit}")


def _bare(picture: Image.Image) -> Image.Image:
    """Return the same image without metadata, some of which Pillow would store by itself."""
    picture.load()
    bare = picture._new(picture.im)  # like Pillow's copy(), but shares the pixels
    bare.info = {key: picture.info[key] for key in _NEEDED if key in picture.info}
    return bare


def _by_format(
    picture: Image.Image,
    name: str,
    settings: dict[str, Any],
    held: Pixels | None,
    storage: Storage,
    threads: int | None,
) -> bytes:
    """Encode an image; `held` are its samples where they are an array, H x W x C."""
    if name == "JPEG":
        return jpeg.encode(picture, settings)
    if name == "PNG" and picture.mode in png.MODES:
        small = storage.compression == "small"
        return png.encode(picture, settings, effective_threads(threads), held, small=small)
    if name == "TIFF":
        deep = held is not None and held.dtype == np.uint16
        return tiff.encode([np.asarray(held, np.uint16) if deep else picture], settings)
    if name == "HEIF":
        return heif.encode(picture, settings)
    file = io.BytesIO()
    picture.save(file, format=name, **settings)
    return file.getvalue()
