"""JPEG in bands, which several threads encode at once, joined into one ordinary file.

A restart marker resets the only thing that one block of a JPEG inherits from the one before it, the
prediction of its mean (ITU-T T.81, F.1.1.5.1 and E.1.4).  Bands that are encoded by themselves are
therefore the file that a single encoder would write if it set a marker after each.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from defocus.io.pillow_rows import rows_of
from defocus.threads import spread

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["bands_of", "encode"]

# Width and height in pixels of what is coded together, by Pillow's number of the subsampling.
_UNITS = {0: (8, 8), 1: (16, 8), 2: (16, 16)}
_LONGEST = 65535  # units between two markers
_BAND = 1 << 19  # pixels
_FRAME, _SCAN, _INTERVAL, _RESTART, _END = 0xC0, 0xDA, 0xDD, 0xD0, b"\xff\xd9"


def bands_of(width: int, height: int, unit: tuple[int, int] = (8, 8)) -> int:
    """Rows to encode together: whole units, or 0 where the picture is too small to be cut."""
    across = -(-width // unit[0])
    rows = unit[1] * max(1, min(_LONGEST // across, _BAND // (width * unit[1])))
    return rows if height > 2 * rows else 0


def encode(picture: Image.Image, settings: Mapping[str, Any], threads: int) -> bytes:
    """Encode an RGB or grey picture, by Pillow.

    `settings` are Pillow's, `subsampling` a number.  The bytes do not depend on `threads`.
    """
    width, height = picture.size
    unit = _UNITS[settings.get("subsampling", 0) if picture.mode == "RGB" else 0]
    rows = bands_of(width, height, unit)
    if not rows:
        return _encode(picture, settings)

    def band(top: int) -> bytes:
        return _encode(rows_of(picture, top, min(top + rows, height)), settings)

    parts = spread(band, range(0, height, rows), threads)
    return _joined(parts, height, rows // unit[1] * -(-width // unit[0]))


def _encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    with _file() as file:
        picture.save(file, format="JPEG", **settings)
        file.seek(0)
        return file.read()


def _file() -> IO[bytes]:
    """A file in memory, but the system's: into others Pillow encodes without giving up the GIL."""
    try:
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("defocus"), "w+b")
        return tempfile.TemporaryFile()
    except OSError:
        return io.BytesIO()


def _joined(bands: list[bytes], height: int, interval: int) -> bytes:
    """One file: the head of the first band, and the entropy-coded data of all.

    `interval` is the number of units in a band.
    """
    frame, scan, data = _places(bands[0])
    head = bytearray(bands[0][:scan])
    head[frame + 5 : frame + 7] = height.to_bytes(2, "big")
    parts = [bytes(head), bytes((0xFF, _INTERVAL, 0, 4)), interval.to_bytes(2, "big")]
    parts += [bands[0][scan : -len(_END)]]
    for i, band in enumerate(bands[1:]):
        _, _, data = _places(band)
        parts += [bytes((0xFF, _RESTART + i % 8)), band[data : -len(_END)]]
    return b"".join([*parts, _END])


def _places(stream: bytes) -> tuple[int, int, int]:
    """Where the frame header begins, the scan header, and the data after it (T.81, B.1.1.4)."""
    place, frame = 2, -1
    while stream[place + 1] != _SCAN:
        if stream[place + 1] == _FRAME:
            frame = place
        place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return frame, place, place + 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
