"""Pixels -> the kind of picture that the caller gave, and pictures -> files.

A file appears whole or not at all.  Pillow is imported inside the functions.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np

from defocus import heif, jpeg, jpeg_source, png, privacy, transparency
from defocus.errors import (
    EncodeError,
    ImageTypeError,
    ImageValueError,
    OptionTypeError,
    UnsupportedFormatError,
)
from defocus.files import check_place, write_file, write_path
from defocus.photo import Photo, check_samples, descriptive_exif
from defocus.sources import guard
from defocus.storage import Compression, Storage, Strip, Subsampling
from defocus.threads import check_threads, effective_threads
from defocus.words import Pixels, to_bytes

if TYPE_CHECKING:
    from PIL import Image

    Target: TypeAlias = str | os.PathLike[str] | IO[bytes]

__all__ = [
    "FORMATS",
    "as_picture",
    "check_target",
    "format_of",
    "pillow_settings",
    "save",
    "to_output",
    "unchanged",
]


@dataclass(frozen=True)
class _Format:
    """What a file format can do, and Pillow's settings for it."""

    extensions: tuple[str, ...]
    alpha: bool
    quality: int | None  # the default; None where nothing is lost
    max_side: int
    settings: dict[str, Any]


# By Pillow's names.  Times and sizes were measured on two photographs of 4 MP.
FORMATS = {
    # 4:4:4 keeps the colour edge of the subject as sharp as its outline, for 12 to 20 % more bytes.
    # A JPEG of a JPEG follows that: jpeg_source.
    "JPEG": _Format((".jpg", ".jpeg"), False, 95, 65500, {}),
    "PNG": _Format((".png",), True, None, 2**31 - 1, {}),
    # Method 2 takes half the time of the usual 4, for no more bytes.
    "WEBP": _Format((".webp",), True, 95, 16383, {"method": 2}),
    # Not compressed: with compression Pillow 13 cannot write EXIF.
    "TIFF": _Format((".tif", ".tiff"), True, None, 2**31 - 1, {"compression": "raw"}),
    # Speed 8 takes 40 % of the time of the usual 6.  Above 32768 it cannot be read back.
    "AVIF": _Format((".avif",), True, 90, 32768, {"speed": 8}),
    # Above 16384 x265 takes none.
    "HEIF": _Format((".heic", ".heif", ".hif"), True, 90, 16384, {}),
}
_BY_EXTENSION = {extension: name for name, f in FORMATS.items() for extension in f.extensions}
_BAND = 1 << 18  # pixels converted at a time
_NEEDED = ("transparency",)  # of `info`, to show the picture as it is
_JPEG_MARKER = 65000  # bytes that fit into one JPEG marker segment besides its name


def to_output(pixels: Pixels, photo: Photo) -> Image.Image | Pixels:
    """Give `pixels` (H x W x 3, or 4 with alpha) back as the kind that `photo` came as.

    A matte (H x W) becomes a grey image by itself: it is no photograph, whose info would fit.

    An array stays an array.  Anything else becomes a PIL image, grey if the source was grey,
    whose `info` holds the colour profile, EXIF, XMP and resolution.  Pillow's own `save` writes
    of these only the profile, and only to PNG, TIFF and AVIF; `save` here writes all.  Pixels of
    16 bits become an image of mode I;16 if they are grey, else a DeepImage.
    """
    if photo.is_array:
        return pixels
    if pixels.ndim == 2:
        return _of_array(pixels)
    if photo.mode == "L":
        pixels = pixels[..., 0] if pixels.shape[2] == 3 else pixels[..., ::3]
    image = _of_array(pixels)
    image.info.update(photo.info)
    return image


def unchanged(photo: Photo) -> Any:
    """The photograph itself, as `to_output` gives results."""
    pixels, alpha = photo.pixels, photo.alpha
    return to_output(pixels if alpha is None else transparency.with_alpha(pixels, alpha), photo)


def _of_array(pixels: Pixels) -> Image.Image:
    """Pillow's `Image.fromarray`, in bands of rows that stay in the cache: a third of its time."""
    from PIL import Image

    if pixels.dtype == np.uint16:
        from defocus.deep_image import DeepImage

        if pixels.ndim == 2:
            return Image.fromarray(np.ascontiguousarray(pixels))
        return DeepImage.of(np.asarray(pixels, np.uint16))

    height, width = pixels.shape[:2]
    rows = max(1, _BAND // max(1, width))
    if height <= rows:
        return Image.fromarray(pixels)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[1 if pixels.ndim == 2 else pixels.shape[2]]
    image = Image.new(mode, (width, height), None)
    for top in range(0, height, rows):
        image.paste(Image.fromarray(pixels[top : top + rows]), (0, top))
    return image


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
    """Store a picture; colour profile, EXIF, XMP and resolution of a PIL image go along.

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
    leave out EXIF and XMP; the colour profile, without which colours would be wrong, and the
    resolution stay.  WebP, AVIF and HEIC know a resolution in EXIF only, TIFF and AVIF get of EXIF
    what describes the photograph, and JPEG has no room for EXIF or XMP over 64 KiB.  A large JPEG
    or PNG is encoded by `threads` threads (default: all that the process may use); the bytes are
    the same for any number.

    A path gets the finished file in one step, so nobody ever sees half of it; a link is
    followed, and what is no regular file (a pipe, a device) is written to.

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
    data = _encode(picture, name, storage, threads)
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
        name = _format_name(path, format)
    elif hasattr(target, "write") and not isinstance(target, io.TextIOBase):
        name = _format_name(getattr(target, "name", None), format)
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


def format_of(path: str, format: str | None = None) -> str:
    """Pillow's name of the format that `save` would take.  Raises UnsupportedFormatError."""
    return _format_name(path, format)


def _format_name(path: object, format: str | None) -> str:
    suffix = f".{format}" if format is not None else Path(str(path)).suffix
    name = _BY_EXTENSION.get(suffix.lower())
    if suffix.lower() == ".gif":
        raise UnsupportedFormatError(
            "GIF holds 256 colours, too few for a photograph; use PNG or WEBP (for animations see"
            " save_frames)"
        )
    if name is None:
        asked = repr(path) if format is None else f"format={format!r}"
        known = ", ".join(_BY_EXTENSION)
        raise UnsupportedFormatError(f"{asked} names no known format; expected one of {known}")
    from PIL import Image

    if name == "HEIF":
        heif.check_installed()
        return name
    Image.preinit()
    if name not in Image.SAVE:
        Image.init()
    if name not in Image.SAVE:
        raise UnsupportedFormatError(f"this Pillow was built without {name}; use another format")
    return name


def as_picture(image: Any) -> Image.Image:
    """What `save` takes, as a PIL image.  Raises ImageTypeError or ImageValueError."""
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


def _encode(picture: Image.Image, name: str, storage: Storage, threads: int | None) -> bytes:
    from defocus import deep_image, tiff  # which import Pillow

    form, (width, height) = FORMATS[name], picture.size
    if not (1 <= width <= form.max_side and 1 <= height <= form.max_side):
        limit = f"sides may be 1 to {form.max_side}"
        raise EncodeError(f"{name} cannot hold {width} x {height} pixels; {limit}")
    words = deep_image.samples_of(picture)
    if words is not None and words.ndim == 2:
        shown = _of_array(to_bytes(words))
        shown.info.update(picture.info)
        picture, words = shown, words[..., np.newaxis]
    settings = pillow_settings(picture, name, storage)
    if storage.strip != "none":  # Pillow would take comments, and a TIFF's IPTC, by itself
        picture = picture.copy()
        picture.info = {key: picture.info[key] for key in _NEEDED if key in picture.info}
    file = io.BytesIO()
    try:
        with guard(width * height):  # Pillow checks bands like pictures
            if name == "JPEG" and picture.mode in ("L", "RGB"):
                return jpeg.encode(picture, settings, effective_threads(threads))
            if name == "PNG" and picture.mode in png.MODES:
                count, small = effective_threads(threads), storage.compression == "small"
                return png.encode(picture, settings, count, words, small=small)
            if name == "TIFF" and words is not None:
                return tiff.encode(words, settings)
            if name == "HEIF":
                return heif.encode(picture, settings)
        picture.save(file, format=name, **settings)
    except Exception as error:  # Pillow's encoders raise of every kind
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EncodeError(f"a {picture.mode} picture cannot become {name}: {reason}") from error
    return file.getvalue()


def pillow_settings(picture: Image.Image, name: str, storage: Storage) -> dict[str, Any]:
    """What Pillow's `save` has to be told, for the format and for what `picture.info` holds."""
    settings = {**FORMATS[name].settings, **_detail(picture, name, storage)}
    return settings | _metadata(picture, name, storage.strip)


def _detail(picture: Image.Image, name: str, storage: Storage) -> dict[str, Any]:
    """Pillow's settings for how much is lost."""
    default, quality, subsampling = FORMATS[name].quality, storage.quality, storage.subsampling
    if name == "JPEG":
        return jpeg_source.settings(picture.info, quality, subsampling, default or 0)
    settings: dict[str, Any] = {}
    if default:
        settings["quality"] = int(quality or default)
    # Grey has no colours to thin out, and AVIF would store it as RGB.
    if name in ("AVIF", "HEIF") and picture.mode != "L":
        settings["subsampling"] = subsampling or "4:4:4"
    return settings


def _metadata(picture: Image.Image, name: str, strip: Strip) -> dict[str, Any]:
    """Choose the settings that write what `info` holds and the format has a place for."""
    from PIL import Image, PngImagePlugin

    info = picture.info
    kept = {key: info[key] for key in ("icc_profile", "dpi") if info.get(key)}
    # Both may turn a grey picture into a coloured one, which the profile would not fit.
    if name in ("WEBP", "AVIF") and kept.get("icc_profile", b"")[16:20] == b"GRAY":
        raise UnsupportedFormatError(
            f"{name} cannot hold this grey picture with its grey colour profile; use PNG or TIFF"
        )
    exif, xmp = (info[k] if isinstance(info.get(k), bytes) else b"" for k in ("exif", "xmp"))
    if strip == "gps":
        exif, xmp = privacy.exif_without_gps(exif), privacy.xmp_without_gps(xmp)
    elif strip == "all":
        exif = xmp = b""
    if exif and not exif.startswith(b"Exif\0\0"):
        exif = b"Exif\0\0" + exif
    if name in ("TIFF", "AVIF"):  # for which Pillow writes the block anew
        tags = Image.Exif()
        with suppress(Exception):  # a block that Pillow cannot read
            tags.load(exif)
        exif = descriptive_exif(tags, Image.Exif())
    if name == "JPEG":
        exif = exif if len(exif) <= _JPEG_MARKER else b""
        xmp = xmp if len(xmp) <= _JPEG_MARKER else b""
    if name == "PNG" and xmp:
        kept["pnginfo"] = PngImagePlugin.PngInfo()
        kept["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode(errors="replace"))
    elif name == "TIFF" and xmp:
        tags = Image.Exif()
        tags.load(exif)
        tags[0x02BC] = xmp
        exif = tags
    elif name not in ("PNG", "TIFF"):
        kept["xmp"] = xmp  # if empty too: some Pillow would take it from `info` by itself
    if exif:
        kept["exif"] = exif
    return kept
