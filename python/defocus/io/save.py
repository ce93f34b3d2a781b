"""Results -> the kind of image that the caller passed, and images -> files.

A file appears whole or not at all.  Pillow is imported inside the functions.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import IO, Any, TypeAlias

import numpy as np

from defocus.errors import (
    DefocusWarning,
    EncodeError,
    ImageTypeError,
    ImageValueError,
    OptionTypeError,
    UnsupportedFormatError,
)
from defocus.io import pillow
from defocus.io.codecs import heif, jpeg, png, tiff
from defocus.io.codecs.codec_errors import encoding
from defocus.io.colour import output_colour
from defocus.io.formats import FORMATS, format_of, pillow_settings
from defocus.io.metadata import metadata
from defocus.io.output_files import check_place, write_file, write_path
from defocus.io.photo import Photo
from defocus.io.pillow import Image
from defocus.io.save_options import check_storage
from defocus.options import Compression, Storage, Strip, Subsampling
from defocus.options.values import check_threads
from defocus.pixels.alpha import with_alpha
from defocus.pixels.arrays import check_samples
from defocus.pixels.samples import Pixels, Samples16, to_bytes
from defocus.threads import effective_threads
from defocus.timing import stage

Target: TypeAlias = str | os.PathLike[str] | IO[bytes]

__all__ = ["as_picture", "check_target", "save", "to_output", "unchanged"]


_NEEDED = ("transparency",)  # keys of `info` that the pixels need


def to_output(pixels: Pixels, photo: Photo) -> Image.Image | Pixels:
    """Return `pixels` as the kind of image that `photo` came as.

    `pixels` is H x W x 3, H x W x 4 with alpha, or H x W for a matte.  If the caller passed an
    array, the result is an array.  Otherwise it is a PIL image, grey if the source was grey.

    Its `info` holds the colour profile, EXIF, XMP, IPTC and resolution.  The `save` of this package
    writes all of these.  Pillow's own `save` writes only the profile, and only to PNG, TIFF and
    AVIF.  A matte is not the photograph, so its image has no metadata.

    16-bit samples become an image of mode I;16 if they are grey, else a DeepImage.  A
    DefocusWarning names metadata that the source had and the result cannot hold.
    """
    if photo.is_array:
        return pixels
    if pixels.ndim == 2:
        return _own(_of_array(pixels))
    if photo.mode == "L":
        pixels = pixels[..., 0] if pixels.shape[2] == 3 else pixels[..., ::3]
    image = _own(_of_array(pixels))
    image.info.update(metadata.resized(photo.info, image.size, cropped=image.size != photo.size))
    if photo.lost:
        warnings.warn(metadata.message(photo.lost), DefocusWarning, stacklevel=3)
    return image


def unchanged(photo: Photo) -> Any:
    """Return the photograph itself, as `to_output` returns results."""
    pixels, alpha = photo.pixels, photo.alpha
    return to_output(pixels if alpha is None else with_alpha(pixels, alpha), photo)


def _own(image: Image.Image) -> Image.Image:
    """Return an image that is writable and shares its memory with no array."""
    return image.copy() if image.readonly else image


def _of_array(pixels: Pixels) -> Image.Image:
    """Return an array as a PIL image, which may share the memory of the array."""
    pillow.load()
    from PIL import Image

    if pixels.dtype == np.uint16:
        from defocus.io.codecs.deep_image import DeepImage

        if pixels.ndim == 2:
            return Image.fromarray(np.ascontiguousarray(pixels))
        return DeepImage.of(np.asarray(pixels, np.uint16))
    return Image.fromarray(pixels)


def save(
    image: Image.Image | Pixels,
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

    16 bits per sample (uint16, a DeepImage, mode I;16) are stored in PNG and TIFF.  In all other
    formats they are rounded to 8 bits.  Previews and thumbnails are always left out.  WebP, AVIF
    and HEIC have no place for IPTC, and store a resolution in EXIF only.  JPEG has no room for EXIF
    or XMP above 64 KiB.  A DefocusWarning names the metadata that is left out for such a reason.

    Parameters
    ----------
    image : PIL image, or uint8 or uint16 array
        An array is H x W (grey), H x W x 3 (RGB) or H x W x 4 (RGBA, straight alpha).
    target : str, os.PathLike or binary file
    format : {"jpeg", "png", "webp", "tiff", "avif", "heic"}, optional
        Default: the format of the target's extension.  "heic" needs `defocus[heif]`.
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
        `defocus[heif]` is needed and not installed.
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
    picture = as_picture(image)
    alpha = picture.has_transparency_data
    check_threads(threads)
    storage = Storage(
        quality=quality, subsampling=subsampling, compression=compression, strip=strip
    )
    name = check_target(target, needs_alpha=alpha, format=format, storage=storage)
    with stage("encode"):
        data, lost = _encode(picture, name, storage, threads)
    deliver(data, target, lost)


def deliver(data: bytes, target: Target, lost: list[str]) -> None:
    """Warn, as the function that calls this one, of metadata that was lost; then write the file."""
    if lost:
        warnings.warn(metadata.message(lost), DefocusWarning, stacklevel=3)
    if isinstance(target, (str, os.PathLike)):
        write_path(os.fsdecode(target), data)
    else:
        write_file(target, data)


def check_target(
    target: Target,
    *,
    needs_alpha: bool,
    format: str | None = None,
    quality: int | None = None,
    storage: Storage | None = None,
) -> str:
    """Check the target before any work is done, and return the format's name.

    `storage` holds all settings, and replaces `quality`.  Raises UnsupportedFormatError,
    MissingExtraError, OutputError, OptionError or OptionTypeError, as `save` does.
    """
    storage = storage or Storage(quality=quality)
    if isinstance(target, (str, os.PathLike)):
        path = os.fsdecode(target)
        check_place(path)
        name = format_of(path, format)
    elif hasattr(target, "write") and not isinstance(target, io.TextIOBase):
        name = format_of(getattr(target, "name", None), format)
    else:
        raise OptionTypeError(
            f"target is a {type(target).__name__}; expected a path or a file in binary mode"
        )
    if needs_alpha and not FORMATS[name].alpha:
        able = ", ".join(other for other in FORMATS if FORMATS[other].alpha)
        raise UnsupportedFormatError(
            f"{name} cannot hold transparent pixels; use one of {able}, or give cutout a background"
        )
    check_storage(storage, name)
    return name


def as_picture(image: Any) -> Image.Image:
    """Return what `save` accepts as a PIL image.  Raises ImageTypeError or ImageValueError."""
    pillow.load()
    from PIL import Image

    if isinstance(image, np.ndarray):
        check_samples(image)
        if image.ndim != 2 and (image.ndim != 3 or image.shape[2] not in (3, 4)):
            expected = "height x width, or with 3 or 4 channels"
            raise ImageValueError(f"the image array has shape {image.shape}; expected {expected}")
        return _of_array(image)
    if isinstance(image, Image.Image):
        return image
    kind = type(image).__name__
    raise ImageTypeError(f"the image is a {kind}; expected a PIL image or a uint8 or uint16 array")


def _encode(
    picture: Image.Image, name: str, storage: Storage, threads: int | None
) -> tuple[bytes, list[str]]:
    """Return the bytes of the file, and the names of the metadata that is left out."""
    from defocus.io.codecs import deep_image  # imports Pillow

    form, (width, height) = FORMATS[name], picture.size
    if not (1 <= width <= form.max_side and 1 <= height <= form.max_side):
        limit = f"sides may be 1 to {form.max_side}"
        raise EncodeError(f"{name} cannot hold {width} x {height} pixels; {limit}")
    picture = output_colour.fitting(picture, name)
    samples16 = deep_image.samples_of(picture)
    if samples16 is not None and samples16.ndim == 2:
        shown = _of_array(to_bytes(samples16))
        shown.info.update(picture.info)
        picture, samples16 = shown, samples16[..., np.newaxis]
    settings, lost = pillow_settings(picture, name, storage)
    with encoding(f"a {picture.mode} picture", name):
        bare = _bare(picture)
        return _by_format(
            bare, name, settings, samples16, storage, effective_threads(threads)
        ), lost


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
    samples16: Samples16 | None,
    storage: Storage,
    threads: int,
) -> bytes:
    if name == "JPEG":
        return jpeg.encode(picture, settings)
    if name == "PNG" and picture.mode in png.MODES:
        return png.encode(
            picture, settings, threads, samples16, small=storage.compression == "small"
        )
    if name == "TIFF":
        return tiff.encode([picture if samples16 is None else samples16], settings)
    if name == "HEIF":
        return heif.encode(picture, settings)
    file = io.BytesIO()
    picture.save(file, format=name, **settings)
    return file.getvalue()
