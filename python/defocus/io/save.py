"""Pixels -> the kind of picture that the caller gave, and pictures -> files.

A file appears whole or not at all.  Pillow is imported inside the functions.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import IO, TYPE_CHECKING, Any, TypeAlias

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
from defocus.io.codec_errors import encoding
from defocus.io.codecs import heif, jpeg, png, tiff
from defocus.io.colour import output_colour
from defocus.io.formats import FORMATS, format_of, pillow_settings
from defocus.io.metadata import metadata
from defocus.io.output_files import check_place, write_file, write_path
from defocus.io.photo import Photo
from defocus.io.save_options import Compression, Storage, Strip, Subsampling
from defocus.pixels.alpha import with_alpha
from defocus.pixels.arrays import check_samples
from defocus.pixels.samples import Pixels, Samples16, to_bytes
from defocus.threads import check_threads, effective_threads

if TYPE_CHECKING:
    from PIL import Image

    Target: TypeAlias = str | os.PathLike[str] | IO[bytes]

__all__ = ["as_picture", "check_target", "save", "to_output", "unchanged"]


_NEEDED = ("transparency",)  # of `info`, to show the picture as it is


def to_output(pixels: Pixels, photo: Photo) -> Image.Image | Pixels:
    """Give `pixels` (H x W x 3, or 4 with alpha) back as the kind that `photo` came as.

    A matte (H x W) becomes a grey image by itself: it is no photograph, whose info would fit.

    An array stays an array.  Anything else becomes a PIL image, grey if the source was grey,
    whose `info` holds the colour profile, EXIF, XMP, IPTC and resolution.  Pillow's own `save`
    writes of these only the profile, and only to PNG, TIFF and AVIF; `save` here writes all.
    Pixels of 16 bits become an image of mode I;16 if they are grey, else a DeepImage.  A
    DefocusWarning names what the source had and the result cannot have.
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
    """The photograph itself, as `to_output` gives results."""
    pixels, alpha = photo.pixels, photo.alpha
    return to_output(pixels if alpha is None else with_alpha(pixels, alpha), photo)


def _own(image: Image.Image) -> Image.Image:
    """Give an image that can be written to and shares memory with no array."""
    return image.copy() if image.readonly else image


def _of_array(pixels: Pixels) -> Image.Image:
    """Give an array as a PIL image, which may share the array's memory."""
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
    """Store a picture; colour profile, EXIF, XMP, IPTC and resolution of a PIL image go along.

    `image` is a PIL image or an array, uint8 or uint16: H x W (grey), H x W x 3 (RGB) or H x W x 4
    (RGBA).  16 bits a sample (uint16, a DeepImage, or mode I;16) are stored as such in PNG and
    TIFF, and rounded to 8 in the others.
    `target` is a path or a binary file object.  `format` is "jpeg", "png", "webp", "tiff", "avif"
    or "heic" (with `defocus[heif]`); by default the target's extension decides.

    `quality` is 1 to 100, default 95 for JPEG and WebP and 90 for AVIF and HEIC; PNG and TIFF lose
    nothing and take none.  `subsampling` is "4:4:4" (default), "4:2:2" or "4:2:0", for JPEG, AVIF
    and HEIC.  A JPEG made from a JPEG by default follows it in both: what `portrait` and `cutout`
    give says in `info["jpeg"]` how the source was encoded, its tables are used again, but none
    coarser than those of quality 75.  `compression` of PNG is "fast" (default) or "small": a tenth
    fewer bytes, for over twenty times the time.

    `strip` is "none" (default), "gps" to leave out where the photograph was taken, or "all" to
    leave out EXIF, XMP and IPTC; the colour profile, without which colours would be wrong, and the
    resolution stay.  Previews and thumbnails are left out in any case.  WebP, AVIF and HEIC have no
    place for IPTC, and know a resolution in EXIF only; JPEG has no room for EXIF or XMP over
    64 KiB.  A DefocusWarning names what is left out for such a reason.  A large JPEG or PNG is
    encoded by `threads` threads (default: all that the process may use); the bytes are the same for
    any number.

    A path gets the finished file in one step, so nobody ever sees half of it; a link is
    followed, and what is no regular file (a pipe, a device) is written to.  A file that cannot be
    replaced (a mount point, a read-only folder) is written over, with a UserWarning.

    Raises UnsupportedFormatError or EncodeError if the format cannot hold the picture,
    MissingExtraError where `defocus[heif]` is needed and not installed, OutputError, and
    ImageTypeError, ImageValueError, OptionError or OptionTypeError.

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
    data, lost = _encode(picture, name, storage, threads)
    if lost:
        warnings.warn(metadata.message(lost), DefocusWarning, stacklevel=2)
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
    """Refuse, before any work is done, what `save` would refuse; give the format's name.

    `storage` holds the other settings, and then the quality too.  Raises UnsupportedFormatError,
    MissingExtraError, OutputError, OptionError or OptionTypeError as `save` does.
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
    storage.check_for(name)
    return name


def as_picture(image: Any) -> Image.Image:
    """What `save` takes, as a PIL image.  Raises ImageTypeError or ImageValueError."""
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
    """The bytes of the file, and what was left out."""
    from defocus.io.codecs import deep_image  # which imports Pillow

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
    """The same picture without metadata, of which Pillow would take some by itself."""
    picture.load()
    bare = picture._new(picture.im)  # as Pillow's own copy(), but of the same pixels
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
