"""HEIF, usually HEIC: read by the extra `defocus[heif]`, written by `defocus[heif-write]`.

pi-heif only reads.  pillow-heif reads and writes, and its wheels contain x265, which is GPL.
Either is imported only when a HEIF file is read or written.  Nothing is registered with Pillow, so
that the caller's `Image.open` does not change.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

from defocus.errors import MissingExtraError
from defocus.forks import unforked
from defocus.warmup import at_warmup

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check_writer", "encode", "identify"]


def check_writer() -> None:
    """Import pillow-heif, or raise MissingExtraError."""
    _writer()


def _writer() -> ModuleType:
    try:
        with unforked:
            import pillow_heif
    except ImportError as error:
        raise MissingExtraError(
            f"writing HEIF (HEIC) needs pillow-heif{_reason(error)}:"
            ' pip install "defocus[heif-write]"'
        ) from error
    module: ModuleType = pillow_heif
    return module


def _reader() -> ModuleType:
    """Import pillow-heif or pi-heif, or raise MissingExtraError.

    pillow-heif comes first, so that a process which also writes loads one libheif, not two.
    """
    with suppress(MissingExtraError):
        return _writer()
    try:
        with unforked:
            import pi_heif
    except ImportError as error:
        raise MissingExtraError(
            f'reading HEIF (HEIC) needs pi-heif{_reason(error)}: pip install "defocus[heif]"'
        ) from error
    module: ModuleType = pi_heif
    return module


def _reason(error: ImportError) -> str:
    """What hinders an installed module, in parentheses; empty if the module is missing."""
    return "" if isinstance(error, ModuleNotFoundError) else f" ({error})"


@at_warmup
def import_if_installed() -> None:
    """Import what reads HEIF if it is installed."""
    with suppress(MissingExtraError):
        _reader()


def identify(file: IO[bytes]) -> Image.Image:
    """Parse the header and return Pillow's image, whose pixels are not decoded yet.

    libheif applies the orientation, and the reader resets it in EXIF and XMP, so none is left.
    Raises MissingExtraError, SyntaxError for damage, and ValueError for a coding that the reader
    does not support.
    """
    reader = _reader()
    file.seek(0)
    try:
        image: Image.Image = reader.HeifImageFile(file, "")
    except SyntaxError as error:
        if "not identified" not in str(error):  # Pillow's message for an image without a mode
            raise
        name = reader.__name__.replace("_", "-")
        raise ValueError(f"{name} does not decode this kind of HEIF") from error
    return image


def encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    """Encode an image; `settings` have Pillow's names."""
    file = io.BytesIO()
    _writer().from_pillow(picture).save(file, **settings)
    return file.getvalue()
