"""The formats that can be read, by Pillow's names, with their file name extensions."""

from __future__ import annotations

import os

__all__ = ["READ", "SUFFIXES", "is_picture"]

# Pillow opens more formats, some by starting other programs (EPS runs Ghostscript).
# JPEG 2000 is left out, because Pillow cuts deep samples to 8 bits without an error.
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
    # A BMP without its first 14 bytes.  It comes last, because only a few zeros identify it.
    "DIB": (".dib",),
}
SUFFIXES = frozenset(suffix for suffixes in READ.values() for suffix in suffixes)


def is_picture(name: str) -> bool:
    """Return whether a file name has an extension that defocus reads.

    >>> is_picture("IMG_1.JPG"), is_picture("notes.txt"), is_picture(".jpg")
    (True, False, False)
    """
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 -- called for millions
