"""The metadata of an image that survives, and what of it goes into a file.

Previews and thumbnails of the unedited photograph are removed, wherever they are.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from defocus.io.metadata import exif, exif_block, iptc, xmp

__all__ = [
    "Survivors",
    "exif_of",
    "iptc_of",
    "is_for",
    "message",
    "orientation_of",
    "resized",
    "resolution_of",
    "surviving",
    "xmp_of",
]

_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_PACKET = b"http://ns.adobe.com/xap/1.0/\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_GUID = re.compile(rb":HasExtendedXMP(?:\s*=\s*[\"']|\s*>\s*)([0-9A-Fa-f]{32})")
_IPTC, _PHOTOSHOP = 0x83BB, 0x8649  # tags of TIFF
_LONG = 4
_UNITS = {2: 1.0, 3: 2.54}  # inches per unit of a resolution


class Survivors(NamedTuple):
    """The orientation to apply, the surviving metadata by names of `Photo.info`, and the names of
    the rest.
    """

    orientation: int
    info: dict[str, Any]
    lost: tuple[str, ...]


def surviving(image: Any, block: object, mode: str, *, moved: bool = False) -> Survivors:
    """Choose the metadata of a Pillow image that survives.

    `block` is the EXIF block, wherever the format stores it.  `moved` means that a program rewrote
    it after the camera.  The returned EXIF and XMP agree with upright pixels.  Where both state an
    orientation, EXIF decides.  A colour profile for other pixels than `mode` is left out.
    """
    kept: dict[str, Any] = {}
    found, lost = exif_of(image, block, moved=moved)
    packet, also = xmp_of(image)
    lost += [what for what in also if what not in lost]
    orientation, packet = xmp.upright(packet)
    if found is not None:
        orientation = exif.take_orientation(found) or orientation
    if 1 < orientation <= 8:
        if found is not None:
            exif.forget_areas(found)
        packet, also = xmp.without_regions(packet)
        lost += also
    if found is not None:
        kept["exif"] = exif_block.PREFIX + exif_block.write(found)
    if packet:
        kept["xmp"] = packet
    if captions := iptc_of(image):
        kept["iptc"] = captions
    if is_for(image.info.get("icc_profile"), mode):
        kept["icc_profile"] = image.info["icc_profile"]
    if resolution := resolution_of(image, found):
        kept["dpi"] = resolution
    lost += [what for what in _other_pictures(image) if what not in lost]
    return Survivors(orientation or 1, kept, tuple(lost))


def orientation_of(image: Any, block: object) -> int:
    """Return only the orientation that `surviving` returns."""
    found = exif_block.read(_block(image, block))
    stated = 0 if found is None else exif.take_orientation(found)
    return stated or xmp.upright(_packet(image))[0] or 1


def is_for(profile: object, mode: str) -> bool:
    """Return whether a colour profile is for pixels of this mode.

    Bytes 16 to 19 name the colour space of its pixels (ICC.1:2010, 7.2.6).  An image that was
    converted from CMYK often still has the CMYK profile.
    """
    spaces = (b"RGB ", b"GRAY") if mode == "L" else (b"RGB ",)
    return isinstance(profile, bytes) and profile[16:20] in spaces


def resized(info: Mapping[str, Any], size: tuple[int, int], *, cropped: bool) -> dict[str, Any]:
    """Return the metadata for another width and height; `cropped` if the image shows less."""
    kept = dict(info)
    block = exif_block.read(kept.get("exif", b""))
    if block is not None:
        exif.set_size(block, size)
        if cropped:
            exif.forget_areas(block)
        kept["exif"] = exif_block.PREFIX + exif_block.write(block)
    if "xmp" in kept:
        kept["xmp"] = xmp.resized(kept["xmp"], size)
        if cropped:
            kept["xmp"], _ = xmp.without_regions(kept["xmp"])
    return kept


def exif_of(
    image: Any, block: object, *, moved: bool = False
) -> tuple[exif_block.Block | None, list[str]]:
    """Return the surviving EXIF of an image, whose block is `block` if it has one."""
    data = _block(image, block)
    found, lost = exif.keep(data, moved=moved)
    if found is None and data.removeprefix(exif_block.PREFIX) and not exif_block.is_empty(data):
        lost.append("EXIF, which is damaged")
    return found, lost


def _block(image: Any, block: object) -> bytes:
    if isinstance(block, bytes):
        return block
    found = _profile(image, "exif") or _profile(image, "APP1")
    return b"" if found.startswith(_PACKET) else found


def xmp_of(image: Any) -> tuple[bytes, list[str]]:
    """Return the surviving XMP of an image, with the extension of a JPEG."""
    packet = _packet(image)
    return xmp.keep(packet, _extension(packet, _segments(image, "APP1"))) if packet else (b"", [])


def _packet(image: Any) -> bytes:
    packet: object = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    if isinstance(packet, bytes):
        return packet
    other = _profile(image, "APP1")
    return _profile(image, "xmp") or (other[len(_PACKET) :] if other.startswith(_PACKET) else b"")


def _extension(packet: bytes, segments: list[bytes]) -> bytes:
    """Return the extended XMP of a JPEG, if it is complete (XMP specification, part 3, 1.1.3.1)."""
    guid = _GUID.search(packet)
    start = len(_EXTENSION) + 32 + 8
    parts: dict[int, bytes] = {}
    length = 0
    for segment in segments:
        if guid and segment.startswith(_EXTENSION + guid[1]) and len(segment) >= start:
            length = int.from_bytes(segment[start - 8 : start - 4], "big")
            parts[int.from_bytes(segment[start - 4 : start], "big")] = segment[start:]
    whole = b"".join(part for _, part in sorted(parts.items()))
    return whole if len(whole) == length else b""


def iptc_of(image: Any) -> bytes:
    """Return the surviving IPTC of an image."""
    data: object = image.info.get("iptc")
    if not isinstance(data, bytes):
        data = iptc.of_jpeg(_segments(image, "APP13"))
    if not data and isinstance(resources := image.info.get("photoshop"), Mapping):
        data = resources.get(0x0404)
    if not data and (tags := getattr(image, "tag_v2", None)):
        data = _tag_bytes(tags, _IPTC) or iptc.of_resources(_tag_bytes(tags, _PHOTOSHOP))
    if not data:
        data = _profile(image, "iptc") or _profile(image, "8bim")
        data = iptc.of_resources(data) or data
    return iptc.keep(data) if isinstance(data, bytes) else b""


def _tag_bytes(tags: Any, tag: int) -> bytes:
    """Return the bytes of a TIFF tag; some programs store them as 32-bit numbers."""
    data = getattr(tags, "_tagdata", {}).get(tag)  # Pillow would return only the first number
    if not isinstance(data, bytes):
        data = tags.get(tag)
    if not isinstance(data, bytes):
        return b""
    if tags.tagtype.get(tag) != _LONG or data.startswith(b"\x1c"):
        return data
    count = len(data) // 4
    return struct.pack(f">{count}I", *struct.unpack(f"<{count}I", data[: 4 * count]))


def _segments(image: Any, name: str) -> list[bytes]:
    return [data for kind, data in getattr(image, "applist", ()) if kind == name]


def _profile(image: Any, name: str) -> bytes:
    """Return metadata that ImageMagick stores as PNG text: a name, a length, hex digits."""
    text = image.info.get(f"Raw profile type {name}")
    parts = text.split(maxsplit=2) if isinstance(text, str) else []
    with suppress(ValueError):
        return bytes.fromhex(parts[2]) if len(parts) == 3 else b""
    return b""


def resolution_of(image: Any, block: exif_block.Block | None) -> tuple[float, float] | None:
    """Return dots per inch if the file states them; Pillow reports 72 or 1 for other files."""
    stated = image.info.get("dpi")
    if 0x011A not in getattr(image, "tag_v2", {0x011A}):
        return None
    unit = image.info.get("jfif_unit", 0)
    if image.format in ("JPEG", "MPO") and unit not in (1, 2):
        stated = None if block is None else _stated_resolution(block)
    with suppress(TypeError, ValueError):
        x, y = stated
        if 0 < x < 65536 and 0 < y < 65536:
            return float(x), float(y)
    return None


def _stated_resolution(block: exif_block.Block) -> tuple[float, float] | None:
    x, y, unit = (exif.number(block, tag) for tag in (0x011A, 0x011B, 0x0128))
    inches = _UNITS.get(int(unit or 2))
    return (x * inches, y * inches) if x and y and inches else None


def _other_pictures(image: Any) -> list[str]:
    """Return the names of lost images that EXIF and XMP do not mention."""
    found = ["the depth map"] if image.info.get("depth_images") else []
    kinds = image.info.get("aux")
    if isinstance(kinds, Mapping) and any("hdrgainmap" in str(kind) for kind in kinds):
        found.append("the gain map")
    if any(data.startswith(_GAIN_MAP) for data in _segments(image, "APP2")):
        found.append("the gain map")
    return found


def message(lost: Sequence[str]) -> str:
    """Return the warning for metadata that is left out."""
    return f"left out: {', '.join(lost)}; keep the original file if you need them"
