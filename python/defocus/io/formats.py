"""The formats that can be written: what each can hold, and the settings of its encoder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from defocus.errors import EncodeError, OptionError, UnsupportedFormatError, shown
from defocus.io import pillow
from defocus.io.codecs import heif, jpeg_source
from defocus.io.colour import colour_tags
from defocus.io.metadata import exif, exif_block, iptc, metadata, privacy, xmp
from defocus.options import Storage, Strip
from defocus.options.values import check_format

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["ANIMATIONS", "FORMATS", "check_storage", "fitting", "format_of", "pillow_settings"]

_JPEG_MARKER = 65533  # bytes that fit into one JPEG marker segment
_LARGEST_XMP = {"JPEG": _JPEG_MARKER - 29, "PNG": 1 << 25}  # readers of PNG accept little more text
_NO_LIMIT = 1 << 32
_WITH_IPTC = ("JPEG", "PNG", "TIFF")
# JPEG numbers the segments of a profile in one byte.  Readers of PNG decompress no more than this.
_LARGEST_PROFILES = {"JPEG": 255 * (_JPEG_MARKER - 14), "PNG": 1 << 20}
# The formats that each setting means something to.
_LOSSY = ("JPEG", "WEBP", "AVIF", "HEIF")
_MEANT_FOR = {
    "subsampling": ("JPEG", "AVIF", "HEIF"),
    "compression": ("PNG",),
}


class _Format(NamedTuple):
    """The abilities of a file format, and Pillow's settings for it."""

    extensions: tuple[str, ...]
    alpha: bool
    quality: int | None  # the default; None for lossless formats
    max_side: int
    settings: dict[str, Any]


# By Pillow's names.  Times and sizes were measured on two photographs of 4 MP.
FORMATS = {
    # 4:4:4 keeps the colour edge of the subject as sharp as its outline, for 12 to 20 % more bytes.
    # A JPEG made from a JPEG follows its source instead: jpeg_source.
    "JPEG": _Format((".jpg", ".jpeg"), False, 95, 65500, {}),
    "PNG": _Format((".png",), True, None, 2**31 - 1, {}),
    # Method 2 takes half the time of the usual 4, for no more bytes.
    "WEBP": _Format((".webp",), True, 95, 16383, {"method": 2}),
    "TIFF": _Format((".tif", ".tiff"), True, None, 2**31 - 1, {}),
    # Speed 8 takes 40 % of the time of the usual 6.  Above 32768 it cannot be read back.
    "AVIF": _Format((".avif",), True, 90, 32768, {"speed": 8}),
    # x265 accepts no side above 16384.
    "HEIF": _Format((".heic", ".heif", ".hif"), True, 90, 16384, {}),
}
# Those of several frames.  Pages of a TIFF have no duration.
ANIMATIONS = {".gif": "GIF", ".png": "PNG", ".apng": "PNG", ".webp": "WEBP"}
ANIMATIONS |= dict.fromkeys((".tif", ".tiff"), "TIFF")
_BY_EXTENSION = {extension: name for name, f in FORMATS.items() for extension in f.extensions}


def format_of(path: object, format: str | None = None) -> str:
    """Return Pillow's name of the format for the path and the `format` of `save`.

    Raises UnsupportedFormatError, or MissingExtraError where an extra is not installed.
    """
    if format is not None:
        check_format(format, tuple(_BY_EXTENSION))
    suffix = f".{format}" if format is not None else Path(str(path)).suffix
    name = _BY_EXTENSION.get(suffix.lower())
    if suffix.lower() == ".gif":
        raise UnsupportedFormatError(
            "GIF holds 256 colours, too few for a photograph; use PNG or WEBP (for animations see"
            " save_frames)"
        )
    if name is None:
        asked = repr(path) if format is None else f"format={shown(format)}"
        known = ", ".join(_BY_EXTENSION)
        raise UnsupportedFormatError(f"{asked} is not a known format; expected one of {known}")
    if name == "HEIF":
        heif.check_writer()
        return name
    pillow.load()
    from PIL import Image

    if name not in Image.SAVE:
        raise UnsupportedFormatError(f"this Pillow was built without {name}; use another format")
    return name


def pillow_settings(
    picture: Image.Image, name: str, storage: Storage
) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of the encoder, and the names of the metadata that does not fit.

    The settings have the names of Pillow's `save`, and `iptc`, which Pillow does not have.
    """
    settings = {**FORMATS[name].settings, **_detail(picture, name, storage)}
    kept, lost = _metadata(picture, name, storage.strip)
    return settings | kept, lost


def _detail(picture: Image.Image, name: str, storage: Storage) -> dict[str, Any]:
    """Return Pillow's settings for the loss of detail."""
    default, quality, subsampling = FORMATS[name].quality, storage.quality, storage.subsampling
    if name == "JPEG":
        return jpeg_source.settings(picture.info, quality, subsampling, default or 0)
    settings: dict[str, Any] = {}
    if default:
        settings["quality"] = int(quality or default)
    # Grey has no colours to subsample, and AVIF would store it as RGB.
    if name in ("AVIF", "HEIF") and picture.mode != "L":
        settings["subsampling"] = subsampling or "4:4:4"
    return settings


def _metadata(picture: Image.Image, name: str, strip: Strip) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that store those parts of `info` for which the format has a place."""
    block, lost = metadata.exif_of(picture, picture.info.get("exif"))
    kept: dict[str, Any] = {}
    if profile := picture.info.get("icc_profile"):
        _check_profile(name, profile)
        kept["icc_profile"] = profile
    if resolution := metadata.resolution_of(picture, block):
        kept["dpi"] = resolution
    if name in ("PNG", "HEIF") and (numbers := colour_tags.hdr_numbers(picture.info)):
        kept["cicp"] = numbers
    kept["exif"] = kept["xmp"] = b""  # Pillow would store some of them from `info` by itself
    if strip == "all":
        return _by_pillows_names(kept, name), []
    if block is not None:
        exif.set_size(block, picture.size)
        if strip == "gps":
            exif.forget_place(block)
        if name == "AVIF":
            lost += _ready_for_avif(block)
        kept["exif"], also = exif.fitted(block, _JPEG_MARKER if name == "JPEG" else _NO_LIMIT)
        lost += also
    packet, also = metadata.xmp_of(picture)
    packet = xmp.resized(packet, picture.size)
    if strip == "gps":
        packet = privacy.xmp_without_gps(packet)
    lost += also
    kept["xmp"], also = xmp.fitted(packet, _LARGEST_XMP.get(name, _NO_LIMIT))
    lost += also
    if captions := metadata.iptc_of(picture):
        kept["iptc"] = captions
        lost += [] if name in _WITH_IPTC else ["IPTC"]
    return _by_pillows_names(kept, name), list(dict.fromkeys(lost))


def _by_pillows_names(kept: dict[str, Any], name: str) -> dict[str, Any]:
    """Rename the settings as Pillow expects them.  Our own TIFF encoder uses the original names."""
    from PIL import PngImagePlugin

    if name == "TIFF":
        return kept
    captions = kept.pop("iptc", b"")
    if name == "JPEG" and captions:
        kept["extra"] = iptc.segments(captions)
    elif name == "PNG":
        texts = kept["pnginfo"] = PngImagePlugin.PngInfo()
        if packet := kept.pop("xmp"):
            texts.add_itxt("XML:com.adobe.xmp", packet.decode(errors="replace"))
        if captions:
            text = iptc.png_text(captions)  # readers decompress no more of it than of profiles
            small = len(text) <= _LARGEST_PROFILES["PNG"]
            texts.add_text("Raw profile type iptc", text, zip=small)
        if numbers := kept.pop("cicp", None):
            texts.add(b"cICP", bytes((*numbers, 0, 1)))
    elif name == "WEBP":  # WebP stores EXIF without its prefix
        kept["exif"] = kept["exif"].removeprefix(exif_block.PREFIX)
    elif name == "HEIF":  # an empty value would count as damage
        kept |= {"exif": kept["exif"] or None, "xmp": kept["xmp"] or None}
        if numbers := kept.pop("cicp", None):
            kept["color_primaries"], kept["transfer_characteristics"] = numbers
    return kept


def _ready_for_avif(block: exif_block.Block) -> list[str]:
    """Prepare EXIF for AVIF: Pillow rewrites a block with an orientation, and maker notes would
    move.
    """
    if exif.number(block, exif.ORIENTATION) <= 1:
        exif.forget_orientation(block)
        return []
    return exif.forget_fixed_note(block)


def _check_profile(name: str, profile: bytes) -> None:
    """Raise EncodeError for a colour profile that the format cannot hold, or that readers would
    ignore.
    """
    limit = _LARGEST_PROFILES.get(name, _NO_LIMIT)
    if len(profile) > limit:
        raise EncodeError(
            f"the colour profile has {len(profile)} bytes, {name} holds at most {limit}; use TIFF,"
            " or convert the picture to sRGB first"
        )


def check_storage(storage: Storage, form: str) -> None:
    """Refuse what the format, by Pillow's name, has no use for: OptionError."""
    if storage.quality is not None and form not in _LOSSY:
        raise OptionError(
            f"quality={storage.quality} has no meaning for {form}, which loses no detail"
        )
    for name, forms in _MEANT_FOR.items():
        value = getattr(storage, name)
        if value is not None and form not in forms:
            raise OptionError(
                f"{name}={value!r} has no meaning for {form}; it is for {', '.join(forms)}"
            )


def fitting(settings: Mapping[str, Any], form: str) -> dict[str, Any]:
    """Those of `save`'s settings that mean something to the format, by Pillow's name.

    >>> fitting({"quality": 80, "compression": "small", "strip": "gps"}, "PNG")
    {'compression': 'small', 'strip': 'gps'}
    """
    useless = {name for name, forms in _MEANT_FOR.items() if form not in forms}
    if form not in _LOSSY:
        useless.add("quality")
    return {name: value for name, value in settings.items() if name not in useless}
