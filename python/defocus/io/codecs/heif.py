"""HEIF, usually HEIC, by pillow-heif: the extra `defocus[heif]`.

pillow-heif is imported only when a HEIF file is read or written.  Nothing is registered with
Pillow, so that the caller's `Image.open` does not change.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from defocus.errors import MissingExtraError
from defocus.forks import unforked
from defocus.warmup import at_warmup

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check_installed", "encode", "identify"]


def check_installed() -> None:
    """Import pillow-heif, or raise MissingExtraError."""
    try:
        with unforked:
            import pillow_heif  # noqa: F401
    except ImportError as error:
        reason = "" if isinstance(error, ModuleNotFoundError) else f" ({error})"
        raise MissingExtraError(
            f'HEIF (HEIC) needs pillow-heif{reason}: pip install "defocus[heif]"'
        ) from error


@at_warmup
def import_if_installed() -> None:
    """Import pillow-heif if it is installed."""
    with suppress(MissingExtraError):
        check_installed()


def identify(file: IO[bytes]) -> Image.Image:
    """Parse the header and return Pillow's image, whose pixels are not decoded yet.

    libheif applies the orientation, and pillow-heif resets it in EXIF and XMP, so none is left.
    Raises MissingExtraError, SyntaxError for damage, and ValueError for a coding that pillow-heif
    does not support.
    """
    check_installed()
    from pillow_heif import HeifImageFile

    file.seek(0)
    try:
        image: Image.Image = HeifImageFile(file, "")
    except SyntaxError as error:
        if "not identified" not in str(error):  # Pillow's message for an image without a mode
            raise
        raise ValueError("pillow-heif does not decode this kind of HEIF") from error
    return image


def encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    """Encode an image; `settings` have Pillow's names."""
    check_installed()
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(picture).save(file, **settings)
    return file.getvalue()
