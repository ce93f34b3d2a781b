"""The boxes of ISO base media files, of which AVIF and HEIC are made (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from typing import IO, Literal

__all__ = ["kind"]

# What the pixels are coded with (ISO/IEC 23008-12, annex B; AV1 Image File Format, clause 6).
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
# Only how the file is arranged: ISO/IEC 23008-12, 10.2.
_ARRANGED = {b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"1pic"}
_MOST = 4096  # bytes of a list of brands


def kind(file: IO[bytes]) -> Literal["AVIF", "HEIF"] | None:
    """Which format's reader a file that begins here is for, by its brands; None for another file.

    The major brand decides, or the first of the compatible ones that names a coding: phones write
    "mif1" and "msf1" first.  A file whose brands name none is left to libheif.

    >>> import io
    >>> kind(io.BytesIO(bytes((0, 0, 0, 24)) + b"ftypmif1" + bytes(4) + b"mif1avif"))
    'AVIF'
    """
    start = file.read(16)
    if len(start) < 12 or start[4:8] != b"ftyp":
        return None
    (length,) = struct.unpack_from(">I", start)
    listed = file.read(min(max(length - 16, 0), _MOST))
    brands = [start[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4))]
    for brand in brands:
        if brand in _AVIF:
            return "AVIF"
        if brand in _HEIC:
            return "HEIF"
    return "HEIF" if _ARRANGED.intersection(brands) else None
