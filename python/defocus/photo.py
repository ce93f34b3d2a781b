"""A photograph in memory: upright RGB pixels, and what has to survive until it is stored."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from defocus import checks
from defocus.errors import ImageTooLargeError, ImageTypeError, ImageValueError
from defocus.scales import image_advice
from defocus.words import to_bytes

__all__ = [
    "Photo",
    "check_limit",
    "check_quality",
    "check_samples",
    "check_size",
    "check_uint8",
    "descriptive_exif",
    "surviving_info",
]

_SHAPE_HINTS = {
    (2,): "for grey use numpy.stack([image] * 3, axis=-1)",
    (3, 1): "for grey use numpy.repeat(image, 3, axis=2)",
    (3, 4): "give PIL.Image.fromarray(image) to have its alpha heeded, image[..., :3] to drop it",
}

_ORIENTATION = 0x0112
_THUMBNAIL_START = 0x0201
_THUMBNAIL_LENGTH = 0x0202
_SHORT, _LONG = 3, 4
_DIRECTORIES = {0x8769, 0x8825}  # Exif and GPS
# Title, maker, resolution, orientation, software, date, author, rating, copyright, and Windows'
# own title, comment, author, keywords and subject.
_DESCRIPTIVE_TAGS = {
    *(0x010E, 0x010F, 0x0110, 0x0112, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C),
    *(0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
    *_DIRECTORIES,
}
_XMP_ORIENTATION = rb"(tiff:Orientation(?:=[\"']|>))"


@dataclass(frozen=True)
class Photo:
    """One decoded picture.

    `pixels` is uint8 or uint16, H x W x 3, upright, and may be a read-only or strided view of the
    caller's own array: read it, never write to it.  `is_array` says that the caller gave an
    array and gets one back.  `mode` is "L" when the source was grey, so that the result can
    be grey again.  `info` holds `icc_profile`, `exif`, `xmp` (bytes) and `dpi` (two floats)
    where the source had them, already in agreement with upright pixels; of a JPEG also `jpeg`, how
    it is encoded (`jpeg_source.encoding`), of a frame `duration` and `loop` (`decode.frames`).
    `format` is Pillow's name of the source's file format.  `alpha`, of the same dtype, is H x W
    where the source is partly transparent; colours are straight, and those of pixels with alpha 0
    are taken from around.  `frames` counts those in the file.
    """

    pixels: NDArray[Any]
    is_array: bool = False
    mode: Literal["RGB", "L"] = "RGB"
    info: Mapping[str, Any] = field(default_factory=dict)
    format: str | None = None
    alpha: NDArray[Any] | None = None
    frames: int = 1

    @classmethod
    def from_array(cls, array: NDArray[Any]) -> Photo:
        """Take the caller's array as it is; ImageTypeError or ImageValueError if it will not do."""
        check_samples(array)
        if array.ndim != 3 or array.shape[2] != 3:
            hint = _SHAPE_HINTS.get((array.ndim, *array.shape[2:]), "check the order of the axes")
            raise ImageValueError(
                f"the image array has shape {array.shape};"
                f" expected height x width x 3 (RGB); {hint}"
            )
        return cls(np.require(np.asarray(array), requirements="A"), is_array=True)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def deep(self) -> bool:
        """Whether it has 16 bits a sample."""
        return self.pixels.dtype == np.uint16

    def in_bytes(self, threads: int | None = None) -> Photo:
        """This photo in 8 bits a sample."""
        if not self.deep:
            return self
        alpha = None if self.alpha is None else to_bytes(self.alpha, threads)
        return replace(self, pixels=to_bytes(self.pixels, threads), alpha=alpha)

    def part(self, box: tuple[int, int, int, int]) -> Photo:
        """What lies in the box (left, top, right, bottom): views of this photo's own pixels."""
        left, top, right, bottom = box
        inside = slice(top, bottom), slice(left, right)
        alpha = None if self.alpha is None else self.alpha[inside]
        return replace(self, pixels=self.pixels[inside], alpha=alpha)

    def in_colour(self) -> Photo:
        """This photo for a result that is opaque and in colour, whatever the source was."""
        kept = dict(self.info)
        if kept.get("icc_profile", b"")[16:20] == b"GRAY":
            del kept["icc_profile"]
        return replace(self, mode="RGB", info=kept, alpha=None)


def check_uint8(array: NDArray[Any]) -> None:
    """Refuse arrays of any other dtype (ImageTypeError) and empty ones (ImageValueError)."""
    _check_array(array, (np.uint8,), "uint8 (0 to 255)")


def check_samples(array: NDArray[Any]) -> None:
    """As `check_uint8`, but let uint16 pass too."""
    _check_array(array, (np.uint8, np.uint16), "uint8 (0 to 255) or uint16 (0 to 65535)")


def _check_array(array: NDArray[Any], allowed: tuple[type, ...], expected: str) -> None:
    if array.dtype not in allowed:
        raise ImageTypeError(
            f"the image array has dtype {array.dtype}; expected {expected}; {image_advice(array)}"
        )
    if array.size == 0:
        raise ImageValueError(f"the image array has shape {array.shape}; it holds no pixels")


def check_limit(max_pixels: int | None) -> None:
    """Refuse what is no limit: OptionTypeError or OptionError."""
    if max_pixels is not None:
        checks.whole("max_pixels", max_pixels, 1)


def check_quality(quality: int) -> None:
    """Refuse what is no quality, 1 to 100: OptionTypeError or OptionError."""
    checks.whole("quality", quality, 1, 100)


def check_size(name: str, width: int, height: int, max_pixels: int | None) -> None:
    """Refuse a picture that is larger than the limit: ImageTooLargeError."""
    if max_pixels is not None and width * height > max_pixels:
        raise ImageTooLargeError(
            f"{name} has {width} x {height} = {width * height} pixels, the limit is {max_pixels};"
            " raise max_pixels if you trust the picture"
        )


def surviving_info(info: Mapping[Any, Any], exif: object, mode: str) -> tuple[int, dict[str, Any]]:
    """Choose from Pillow's `info` what survives: (orientation to apply, the rest).

    `exif` is the EXIF block, wherever the format keeps it.  EXIF and XMP come back in
    agreement with upright pixels, and where both state an orientation EXIF decides.  What
    cannot be read, or a colour profile that is not for pixels of `mode`, is left out.
    """
    kept: dict[str, Any] = {}
    orientation = 0
    if exif is None and isinstance(text := info.get("Raw profile type exif"), str):
        with suppress(ValueError):  # how ImageMagick before 7 kept EXIF in a PNG
            exif = bytes.fromhex("".join(text.split("\n")[3:]))
    if isinstance(exif, bytes):
        orientation, exif = _upright_exif(exif)
        if exif:
            kept["exif"] = exif
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if isinstance(xmp, bytes):
        stated, kept["xmp"] = _upright_xmp(xmp)
        orientation = orientation or stated
    profile = info.get("icc_profile")
    # Bytes 16 to 19 of a profile name the colour space of its pixels (ICC.1:2010, 7.2.6).  An
    # image that was converted from CMYK often still carries the CMYK profile.
    spaces = (b"RGB ", b"GRAY") if mode == "L" else (b"RGB ",)
    if isinstance(profile, bytes) and profile[16:20] in spaces:
        kept["icc_profile"] = profile
    with suppress(KeyError, TypeError, ValueError):
        x, y = info["dpi"]
        if 0 < x < 65536 and 0 < y < 65536:
            kept["dpi"] = (float(x), float(y))
    return orientation or 1, kept


def descriptive_exif(source: Any, empty: Any) -> bytes:
    """Copy the tags that describe the photograph from one PIL Exif object to an empty one.

    The others tell how one file stores its pixels and would spoil the next.  Gives the block,
    without the tags that Pillow reads but cannot write, of which there are many.
    """
    for tag in _DESCRIPTIVE_TAGS.intersection(source):
        with suppress(Exception):
            empty[tag] = dict(source.get_ifd(tag)) if tag in _DIRECTORIES else source[tag]
            empty.tobytes()
            continue
        empty.pop(tag, None)
    return bytes(empty.tobytes()) if len(empty) else b""


def _upright_exif(exif: bytes) -> tuple[int, bytes]:
    """Read the orientation of an EXIF block and reset it: (what it says or 0, the block).

    Only the bytes that are wrong for an upright picture
    change, because writing the block anew would move maker notes, whose inner offsets count
    from its start.  The thumbnail is removed: it shows the picture as it was before.  A block
    that cannot be read comes back empty.  Layout: TIFF 6.0, section 2; Exif 2.3, section 4.5.
    """
    block = bytearray(exif)
    while block.startswith(b"Exif\0\0"):
        del block[:6]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(block[:4]))
    if order is None:
        return 0, b""
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        entries, end = _entries(block, order, start)
    except struct.error:
        return 0, b""
    orientation = 0
    if entry := entries.get(_ORIENTATION):
        (kind,) = struct.unpack_from(order + "H", block, entry + 2)
        (orientation,) = struct.unpack_from(
            order + ("I" if kind == _LONG else "H"), block, entry + 8
        )
        struct.pack_into(order + "HHIHH", block, entry, _ORIENTATION, _SHORT, 1, 1, 0)
    _remove_thumbnail(block, order, end)
    return orientation, b"Exif\0\0" + bytes(block)


def _entries(block: bytearray, order: str, start: int) -> tuple[dict[int, int], int]:
    """Where each tag's entry of the directory at `start` lies, and where the directory ends."""
    (count,) = struct.unpack_from(order + "H", block, start)
    places = range(start + 2, start + 2 + 12 * count, 12)
    return {
        struct.unpack_from(order + "H", block, place)[0]: place for place in places
    }, places.stop


def _remove_thumbnail(block: bytearray, order: str, link: int) -> None:
    """Cut the chain to the second directory, which describes the thumbnail, and its JPEG."""
    try:
        (start,) = struct.unpack_from(order + "I", block, link)
        struct.pack_into(order + "I", block, link, 0)
        entries, end = _entries(block, order, start)
        (first,) = struct.unpack_from(order + "I", block, entries[_THUMBNAIL_START] + 8)
        (length,) = struct.unpack_from(order + "I", block, entries[_THUMBNAIL_LENGTH] + 8)
    except (struct.error, KeyError):
        return
    # Only a thumbnail that follows its directory, as cameras write it, can be erased without
    # the risk of erasing something else.
    if start > link and first >= end and first + length <= len(block):
        block[first : first + length] = bytes(length) if first + length < len(block) else b""


def _upright_xmp(xmp: bytes) -> tuple[int, bytes]:
    """Read the orientation that an XMP packet states, and reset it: (0 to 8, the packet)."""
    stated = re.search(_XMP_ORIENTATION + rb"([1-8])", xmp)
    reset = re.sub(_XMP_ORIENTATION + rb"[0-9]", rb"\g<1>1", xmp)
    return int(stated[2]) if stated else 0, reset
