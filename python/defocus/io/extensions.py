"""The file formats that are read, by Pillow's names, and what their files are called."""

from __future__ import annotations

import os

__all__ = ["READ", "SUFFIXES", "is_picture"]

# Pillow opens more, some by starting other programs (EPS runs Ghostscript).  JPEG 2000 is out:
# Pillow silently cuts deep samples to 8 bits.
READ = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "AVIF": (".avif",),
    "HEIF": (".heic", ".heif", ".hif"),
    # A BMP without its first 14 bytes.  Last, because a few zeros are all that tells it.
    "DIB": (".dib",),
}
SUFFIXES = frozenset(suffix for suffixes in READ.values() for suffix in suffixes)


def is_picture(name: str) -> bool:
    """Whether a file is called like a picture that defocus reads.

    >>> is_picture("IMG_1.JPG"), is_picture("notes.txt"), is_picture(".jpg")
    (True, False, False)
    """
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 -- called for millions
