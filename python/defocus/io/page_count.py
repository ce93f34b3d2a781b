"""How many frames or pages a file has, in little time even if it is made to take long.

TIFF 6.0, section 2; BigTIFF has the same structure with wider numbers.
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

from defocus.errors import DecodeError

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MOST_FRAMES", "checked", "count"]

MOST_FRAMES = 65_536  # more are refused where all are read
_BIG = 43  # the number that tells BigTIFF from TIFF


def count(image: Image.Image, file: IO[bytes] | None) -> int:
    """Return the number of frames or pages of an opened image.

    It is one above the limit for a TIFF with more.  Further images of an MPO show the same
    photograph.  `file` is that of the image, or None for an image of the caller.
    """
    if image.format == "MPO":
        return 1
    counted = getattr(image, "_n_frames", None) is not None
    # Pillow compares each page of a TIFF with all before it.  Millions of them would take hours.
    if image.format == "TIFF" and file is not None and not counted and _has_too_many(file):
        return MOST_FRAMES + 1
    return int(getattr(image, "n_frames", 1))


def checked(image: Image.Image, file: IO[bytes] | None, name: str) -> int:
    """Return `count`.  Raises DecodeError above the limit."""
    found = count(image, file)
    if found > MOST_FRAMES:
        raise DecodeError(
            f"{name} has {found} frames or more, the limit is {MOST_FRAMES}; split it into several"
            " files"
        )
    return found


def _has_too_many(file: IO[bytes]) -> bool:
    """Return whether a TIFF has more directories than the limit; its position stays."""
    before = file.tell()
    try:
        file.seek(0)
        header = file.read(16)
        order = "<" if header[:1] == b"I" else ">"
        big = _BIG in header[2:4]
        number, offset, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
        (place,) = struct.unpack_from(order + offset, header, 8 if big else 4)
        seen: set[int] = set()
        while place and place not in seen and len(seen) <= MOST_FRAMES:
            seen.add(place)
            file.seek(place)
            (entries,) = struct.unpack(order + number, file.read(struct.calcsize(number)))
            file.seek(entries * entry, 1)
            (place,) = struct.unpack(order + offset, file.read(struct.calcsize(offset)))
        return len(seen) > MOST_FRAMES
    except (struct.error, OSError, ValueError, OverflowError):  # damaged: Pillow reports it
        return False
    finally:
        file.seek(before)
