"""The XMP that survives: without thumbnails, and without announcements of data that is removed.

All other bytes stay as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from defocus.io.metadata import embedded_images
from defocus.io.metadata.xmp_tree import Element, cut, parse

__all__ = ["fitted", "keep", "resized", "upright", "without_regions"]

_ORIENTATION = rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))"
_SIZES = (
    rb"((?:exif:PixelXDimension|tiff:ImageWidth)(?:\s*=\s*[\"']|\s*>\s*))\d+",
    rb"((?:exif:PixelYDimension|tiff:ImageLength)(?:\s*=\s*[\"']|\s*>\s*))\d+",
)
_GAIN_MAP, _VIDEO, _DEPTH = "the gain map", "the motion video", "the depth map"
_SOUND, _OTHER, _EXTENDED = "the sound", "other pictures", "a part of XMP"
# Short names of namespaces, which are also their usual prefixes.
_SPACES = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
    "http://ns.apple.com/pixeldatainfo/1.0/": "apdi",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/audio/": "GAudio",
    "http://ns.oplus.com/photos/1.0/camera/": "OpCamera",
    "http://ns.xiaomi.com/photos/1.0/camera/": "MiCamera",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.2/": "MP",
}
_DEVICE = "http://ns.google.com/photos/dd/1.0/"  # the prefix of a family of namespaces
# Every property in these namespaces announces something.
_WHOLE = {
    "hdrgm": _GAIN_MAP,
    "HDRGainMap": _GAIN_MAP,
    "apdi": _OTHER,
    "GDepth": _DEPTH,
    "Device": _DEPTH,
    "GImage": _OTHER,
    "GAudio": _SOUND,
    "xmpGImg": "",
}
_SINGLE = {
    ("xmp", "Thumbnails"): "",
    ("xap", "Thumbnails"): "",
    ("xmpNote", "HasExtendedXMP"): _EXTENDED,
    ("MiCamera", "XMPMeta"): _OTHER,
}
_CAMERAS = ("GCamera", "OpCamera", "MiCamera", "Camera")
_FILM = re.compile(r"MotionPhoto|MicroVideo|OLivePhoto|VideoLength")
# The items of a container by their own names; the first one is the image.
_ITEMS = {"GainMap": _GAIN_MAP, "MotionPhoto": _VIDEO, "Depth": _DEPTH, "RecoveryMap": _GAIN_MAP}
# Marked regions are places in the image as it was stored.
_REGIONS = {("mwg-rs", "Regions"), ("MP", "RegionInfo")}
# Any of these in a packet that cannot be read.
_ANY = re.compile(
    rb"\b(?:hdrgm|HDRGainMap|GDepth|GImage|GAudio|xmpGImg):|:(?:MotionPhoto|MicroVideo|OLivePhoto)"
    rb"|:(?:Thumbnails|HasExtendedXMP|Directory)\b"
)
_MOST_SPACES = 1 << 16  # letters of declarations that are repeated where two packets are joined
# Namespaces that have no use once their properties are cut out.
_OURS = (*(s for s in _SPACES if s != "http://ns.adobe.com/xap/1.0/"), _DEVICE)


def upright(packet: bytes) -> tuple[int, bytes]:
    """Return the orientation that a packet states (0 to 8), and the packet with the orientation
    reset.
    """
    if not packet:
        return 0, b""
    packet = _in_utf8(packet)
    stated = re.search(_ORIENTATION + rb"([1-8])", packet)
    reset = re.sub(_ORIENTATION + rb"[0-9]", rb"\g<1>1", packet)
    return int(stated[2]) if stated else 0, reset


def resized(packet: bytes, size: tuple[int, int]) -> bytes:
    """Set all properties that state the image's width or height."""
    for pattern, pixels in zip(_SIZES, size, strict=True) if packet else ():
        packet = re.sub(pattern, rb"\g<1>%d" % pixels, packet)
    return packet


def keep(packet: bytes, extension: bytes = b"") -> tuple[bytes, list[str]]:
    """Return the packet without thumbnails and announcements, and the names of what they announced.

    The rest of its `extension`, another packet, is joined to it.  A packet that cannot be read
    stays unchanged if it announces nothing; else the result is empty.
    """
    kept, lost = _cleaned(packet)
    if extension:
        more, also = _cleaned(extension)
        whole = _joined(kept, more)
        if whole is not None:
            kept, lost = whole, [what for what in lost if what != _EXTENDED]
        lost = [*lost, *(what for what in also if what not in lost)]
    return kept, lost


def without_regions(packet: bytes) -> tuple[bytes, list[str]]:
    """Return the packet without marked regions, for an image that was turned or cropped."""
    root = parse(packet)
    spans = [] if root is None else list(_named(root, _REGIONS))
    return cut(packet, spans), ["the marked regions"] if spans else []


def fitted(packet: bytes, limit: int) -> tuple[bytes, list[str]]:
    """Return the packet with at most `limit` bytes, and what was removed: its last parts."""
    if len(packet) > limit:
        at = packet.rfind(b"<?xpacket end")  # padding before it is for programs that edit in place
        packet = packet[:at].rstrip() + b"\n" + packet[at:] if at >= 0 else packet
    if len(packet) <= limit:
        return packet, []
    spans: list[tuple[int, int]] = []
    left = len(packet)
    for element in reversed(_descriptions(packet)):
        spans.append((element.start, element.end))
        left -= element.end - element.start
        if left <= limit:
            return cut(packet, spans), [_EXTENDED]
    return b"", ["XMP"]


def _cleaned(packet: bytes) -> tuple[bytes, list[str]]:
    packet = _in_utf8(packet)
    root = parse(packet)
    if root is None:
        return _unread(packet)
    lost: dict[str, None] = {}
    spans: list[tuple[int, int]] = []
    for start, end, found in _unwanted(packet, root):
        spans.append((start, end))
        lost |= dict.fromkeys(what for what in found if what)
    kept = _without_unused_spaces(cut(packet, spans)) if spans else packet
    return (b"", ["XMP"]) if embedded_images.holds_picture(kept) else (kept, list(lost))


def _in_utf8(packet: bytes) -> bytes:
    """Return the packet in UTF-8; packets outside of JPEG may have other encodings."""
    if b"\0" not in packet.rstrip(b"\0"):
        return packet.rstrip(b"\0")
    for encoding in ("utf-32-be", "utf-32-le", "utf-16-be", "utf-16-le"):
        try:
            text = packet.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and "<" in text:
            return text.lstrip("\ufeff").encode()
    return packet


def _unread(packet: bytes) -> tuple[bytes, list[str]]:
    plain = packet.replace(b"\0", b"")
    if (
        _ANY.search(plain)
        or embedded_images.holds_picture(packet)
        or embedded_images.holds_picture(plain)
    ):
        return b"", ["XMP, which is damaged"]
    return packet, []


def _unwanted(packet: bytes, root: Element) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the pieces to cut out of a packet, and what each announces."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        for attribute in element.attributes:
            found = _announced(attribute.name, element, attribute.value)
            if found is not None:
                yield attribute.start, attribute.end, found
        for child in element.children:
            text = b"" if child.children else packet[child.inner : child.closing]
            found = _announced(child.name, child, text)
            if found is None:
                waiting.append(child)
            else:
                yield child.start, child.end, found


def _announced(name: str, element: Element, value: bytes) -> list[str] | None:
    """Return what a property announces that the file does not hold, or None for one that stays."""
    prefix, _, local = name.rpartition(":")
    if not prefix or prefix == "xmlns":
        return None
    space = element.spaces.get(prefix, "")
    short = "Device" if space.startswith(_DEVICE) else _SPACES.get(space, prefix)
    if short in _WHOLE:
        return [_WHOLE[short]]
    if (short, local) in _SINGLE:
        return [_SINGLE[short, local]]
    if short in _CAMERAS and _FILM.match(local):
        return [_VIDEO]
    if short in ("Container", "GContainer") and local == "Directory":
        return _items(element)
    return [""] if len(value) > 64 and embedded_images.holds_picture(value) else None


def _items(directory: Element) -> list[str] | None:
    """Return what a container holds besides the image, or None for nothing."""
    found = [
        attribute.value.decode("utf-8", "replace")
        for element in directory.walk()
        for attribute in element.attributes
        if attribute.name.rpartition(":")[2] == "Semantic"
    ]
    others = [_ITEMS.get(item, _OTHER) for item in found if item != "Primary"]
    return others or (None if found else [_OTHER])


def _named(root: Element, names: set[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Yield the place of elements with one of these names, by short name of the namespace."""
    for element in root.walk():
        prefix, _, local = element.name.rpartition(":")
        if (_SPACES.get(element.spaces.get(prefix, ""), prefix), local) in names:
            yield element.start, element.end


def _without_unused_spaces(packet: bytes) -> bytes:
    """Return the packet without declarations of those namespaces that are no longer used."""
    root = parse(packet)
    if root is None:
        return packet
    elements = list(root.walk())
    names = [e.name for e in elements] + [a.name for e in elements for a in e.attributes]
    used = {name.rpartition(":")[0] for name in names}
    return cut(
        packet,
        [
            (a.start, a.end)
            for e in elements
            for a in e.attributes
            if a.name.startswith("xmlns:")
            and a.name[6:] not in used
            and a.value.decode("utf-8", "replace").startswith(_OURS)
        ],
    )


def _joined(packet: bytes, extension: bytes) -> bytes | None:
    """Return the packet with the descriptions of another one, or None if that is impossible."""
    root, other = parse(packet), parse(extension)
    home = next((e for e in root.walk() if e.name.endswith("RDF")), None) if root else None
    if home is None or home.closing == home.end or other is None:
        return None
    parts, left = [], _MOST_SPACES + 2 * (len(packet) + len(extension))
    for element in _descriptions(extension):
        left -= sum(len(prefix) + len(space) for prefix, space in element.spaces.items())
        if left < 0:  # as in no real packet
            return None
        own = {a.name for a in element.attributes}
        spaces = "".join(
            f' xmlns:{prefix}="{space}"'
            for prefix, space in element.spaces.items()
            if f"xmlns:{prefix}" not in own and '"' not in space
        )
        at = element.start + 1 + len(element.name.encode())
        if element.children or len(own) > sum(n.startswith(("xmlns", "rdf:about")) for n in own):
            parts.append(extension[element.start : at] + spaces.encode())
            parts.append(extension[at : element.end] + b"\n")
    return packet[: home.closing] + b"".join(parts) + packet[home.closing :]


def _descriptions(packet: bytes) -> list[Element]:
    """Return the elements that hold the properties of a packet."""
    root = parse(packet)
    homes = [e for e in root.walk() if e.name.endswith("RDF")] if root else []
    return homes[0].children if homes else []
