"""The file formats that pictures are stored in: what each can hold, and what it needs told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defocus import checks, colour_tags, heif, jpeg_source, pillow, privacy
from defocus.errors import UnsupportedFormatError
from defocus.photo import descriptive_exif
from defocus.storage import Storage, Strip

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["FORMATS", "format_of", "pillow_settings"]

_JPEG_MARKER = 65000  # bytes that fit into one JPEG marker segment besides its name


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


def format_of(path: object, format: str | None = None) -> str:
    """Pillow's name of the format that `save` takes for a path and its `format`.

    Raises UnsupportedFormatError, or MissingExtraError where an extra is not installed.
    """
    if format is not None:
        checks.text("format", format, f"expected one of {', '.join(_BY_EXTENSION)}")
    suffix = f".{format}" if format is not None else Path(str(path)).suffix
    name = _BY_EXTENSION.get(suffix.lower())
    if suffix.lower() == ".gif":
        raise UnsupportedFormatError(
            "GIF holds 256 colours, too few for a photograph; use PNG or WEBP (for animations see"
            " save_frames)"
        )
    if name is None:
        asked = repr(path) if format is None else f"format={checks.shown(format)}"
        known = ", ".join(_BY_EXTENSION)
        raise UnsupportedFormatError(f"{asked} names no known format; expected one of {known}")
    if name == "HEIF":
        heif.check_installed()
        return name
    pillow.load()
    from PIL import Image

    if name not in Image.SAVE:
        raise UnsupportedFormatError(f"this Pillow was built without {name}; use another format")
    return name


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
    if name == "PNG":
        kept["pnginfo"] = PngImagePlugin.PngInfo()
        if xmp:
            kept["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode(errors="replace"))
        if numbers := colour_tags.hdr_numbers(info):
            kept["pnginfo"].add(b"cICP", bytes((*numbers, 0, 1)))
    elif name == "TIFF" and xmp:
        tags = Image.Exif()
        tags.load(exif)
        tags[0x02BC] = xmp
        exif = tags
    elif name not in ("PNG", "TIFF"):
        kept["xmp"] = xmp  # if empty too: some Pillow would take it from `info` by itself
    if name == "HEIF" and (numbers := colour_tags.hdr_numbers(info)):
        kept["color_primaries"], kept["transfer_characteristics"] = numbers
    if exif:
        kept["exif"] = exif
    return kept
