"""HEIF, of which HEIC is the usual kind: by pillow-heif, the extra `defocus[heif]`.

Its own classes are used, and only when there is a HEIF file to read or to write.  Nothing is
registered with Pillow, so that the caller's `Image.open` stays as it was.
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
    """Import pillow-heif; raise MissingExtraError where that fails."""
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
    """Import pillow-heif unless it is missing."""
    with suppress(MissingExtraError):
        check_installed()


def identify(file: IO[bytes]) -> Image.Image:
    """Parse the header: Pillow's image, whose pixels are not decoded yet.

    libheif turns the picture itself, and pillow-heif resets the orientation that EXIF and XMP
    state, so nothing is left to be turned.  Raises MissingExtraError, SyntaxError for damage, and
    ValueError for a coding that pillow-heif was built without.
    """
    check_installed()
    from pillow_heif import HeifImageFile

    file.seek(0)
    try:
        image: Image.Image = HeifImageFile(file, "")
    except SyntaxError as error:
        if "not identified" not in str(error):  # what Pillow says of an image without a mode
            raise
        raise ValueError("pillow-heif does not decode this kind of HEIF") from error
    return image


def encode(picture: Image.Image, settings: Mapping[str, Any]) -> bytes:
    """Encode a picture; `settings` are Pillow's names."""
    check_installed()
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(picture).save(file, **settings)
    return file.getvalue()
