"""Remove from XMP where a photograph was taken; `exif.forget_place` does it for EXIF."""

from __future__ import annotations

import re

from defocus.io.metadata.xmp_tree import cut, parse

__all__ = ["xmp_without_gps"]

_LEFT = re.compile(rb"GPS[\w.-]*L(?:at|on)", re.IGNORECASE)


def xmp_without_gps(packet: bytes) -> bytes:
    """Return the packet without properties whose names begin with GPS, or empty if that fails.

    They may be in any namespace: EXIF's own, and those of drones.
    """
    spans: list[tuple[int, int]] = []
    root = parse(packet)
    for element in [] if root is None else root.walk():
        if _is_place(element.name):
            spans.append((element.start, element.end))
        spans += [(a.start, a.end) for a in element.attributes if _is_place(a.name)]
    rest = cut(packet, spans)
    # Encodings other than UTF-8 have zeros between letters.
    return b"" if _LEFT.search(rest.replace(b"\0", b"")) else rest


def _is_place(name: str) -> bool:
    prefix, _, local = name.rpartition(":")
    return prefix not in ("", "xmlns") and local.upper().startswith("GPS")
