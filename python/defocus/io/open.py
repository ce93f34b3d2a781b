"""From any source to an opened Pillow image: format known, size checked, no pixels decoded.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ForwardRef, NamedTuple, TypeAlias

from numpy.typing import NDArray

from defocus.errors import (
    DecodeError,
    DefocusError,
    ImageTooLargeError,
    ImageTypeError,
    ImageValueError,
    InputNotFoundError,
    UnknownFormatError,
    shown,
    type_of,
)
from defocus.io import pillow
from defocus.io.codecs import boxes, heif, tiff_kinds
from defocus.io.codecs.codec_errors import from_codec, reason_of, system_error
from defocus.io.extensions import READ
from defocus.io.photo import Photo, check_size
from defocus.io.pillow import Image
from defocus.pixels.arrays import SupportsArray

if TYPE_CHECKING:
    _PillowImage: TypeAlias = Image.Image
else:  # typing.get_type_hints finds it from any module
    _PillowImage = ForwardRef("Image.Image", module="defocus.io.pillow")

# All sources of an image except arrays; an open file must be in binary mode.
Source: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | _PillowImage | Photo
)

# All sources of an image.
ImageSource: TypeAlias = Source | NDArray[Any] | SupportsArray

__all__ = ["ImageSource", "Opened", "Source", "open_image", "typed"]


_LONGEST_PATH = 300  # characters; a longer one is shortened in a message


class Opened(NamedTuple):
    """An opened image: Pillow has read only the header of `image`; `name` is used in messages.

    The image begins at the start of `file`, which is None if the caller passed a PIL image.
    """

    image: Image.Image
    name: str
    file: IO[bytes] | None


def open_image(source: Source, limit: int | None, stack: ExitStack) -> Opened:
    """Identify the image, and raise ImageTooLargeError above `limit` pixels.

    Files that must be closed are put on `stack`.  Raises the errors of `decode.read`.
    """
    file: IO[bytes] | None = None
    pillow.load()
    from PIL import Image

    if isinstance(source, Image.Image):
        image: Image.Image = source
        name = "<PIL image>"
        if 0 in image.size:
            raise ImageValueError(f"{name} has size {image.size}; it has no pixels")
    else:
        file, name = _file(source, stack)
        with typed(name):
            image = _identify(file, name, limit)
        limit = limit or pillow.hard_limit()
    check_size(name, *image.size, limit)
    return Opened(image, name, file)


def _file(source: Any, stack: ExitStack) -> tuple[IO[bytes], str]:
    """Return a seekable binary file that starts with the image, and its name for messages."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(bytes(source)), "<bytes>"
    if isinstance(source, (str, os.PathLike)):
        file = stack.enter_context(_open_path(os.fsdecode(source)))
        name = repr(os.fsdecode(source))
        if file.seekable():
            return file, name
        source = file
    elif isinstance(source, io.TextIOBase):
        raise ImageTypeError("the image file is open as text; open it in binary mode, 'rb'")
    elif hasattr(source, "read"):
        name = source.name if isinstance(getattr(source, "name", None), str) else "<file>"
    else:
        raise ImageTypeError(
            f"the image is {type_of(source)}; expected a path, bytes, a binary file,"
            " a PIL image or an array (see numpy.asarray)"
        )
    return io.BytesIO(_content(source, name)), name


def _content(source: Any, name: str) -> bytes:
    """Return the rest of a file."""
    try:
        content = source.read()
    except (OSError, ValueError, EOFError) as error:  # ValueError: the file is closed
        reason = system_error(error) or reason_of(error)
        raise DecodeError(f"{name} cannot be read: {reason}") from error
    if not isinstance(content, bytes):
        raise ImageTypeError(
            f"reading {name} gives a {type(content).__name__}; expected a file in binary mode"
        )
    return content


def _open_path(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        name = repr(path) if len(path) <= _LONGEST_PATH else shown(path)
        if re.match(r"data:", path, re.IGNORECASE):
            reason = "is a data URI; decode it with base64.b64decode and pass the bytes"
        elif re.match(r"[a-z][a-z0-9+.-]+://", path, re.IGNORECASE):
            reason = "is an address; defocus does not download, fetch the file first"
        elif not path:
            reason = "is an empty name; give the path of an image"
        elif isinstance(error, IsADirectoryError):
            reason = "is a folder; name an image file in it"
        elif isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
            reason = "does not exist; check the path"
        else:
            raise DecodeError(f"{name} cannot be opened: {error.strerror}") from error
        raise InputNotFoundError(f"{name} {reason}") from error


@contextmanager
def typed(name: str) -> Iterator[None]:
    """Convert errors of Pillow, or of our readers, about bad input to our own types.

    Bugs and a lack of memory keep their type.
    """
    try:
        yield
    except DefocusError:
        raise
    except Exception as error:
        reason = reason_of(error)
        if type(error).__name__.startswith("DecompressionBomb"):
            advice = "raise PIL.Image.MAX_IMAGE_PIXELS if you trust the image"
            raise ImageTooLargeError(
                f"{name} is too large for Pillow's own limit: {reason} {advice}"
            ) from error
        if not from_codec(error):
            raise
        if failure := system_error(error):
            raise DecodeError(f"{name} cannot be read: {failure}") from error
        raise DecodeError(f"{name} cannot be decoded: {reason}") from error


def _identify(file: IO[bytes], name: str, limit: int | None) -> Image.Image:
    """Parse the header like `PIL.Image.open`, but check only the process's own pixel limit."""
    from PIL import Image

    prefix = file.read(16)
    if not prefix:
        raise DecodeError(f"{name} is empty; it holds 0 bytes")
    own = _own_reader(file, prefix)
    try:
        if own is not None:
            file.seek(0)
            return own(file)
        image, damage = _by_pillow(file, prefix, name, limit)
    except SyntaxError as error:
        image, damage = None, error
    if image is not None:
        return image
    if damage:
        raise DecodeError(f"{name} is damaged: {reason_of(damage)}") from damage
    readable = ", ".join(known for known in READ if known in Image.OPEN or known == "HEIF")
    raise UnknownFormatError(f"{name} is not an image that defocus reads; expected {readable}")


def _by_pillow(
    file: IO[bytes], prefix: bytes, name: str, limit: int | None
) -> tuple[Image.Image | None, Exception | None]:
    """Try the formats that Pillow reads; return the image, and the error of a damaged header."""
    from PIL import Image

    damage: Exception | None = None
    # Pillow's test for DIB reads 4 bytes, and fails where there are fewer.
    for known in READ if len(prefix) >= 4 else ():
        factory, accept = Image.OPEN.get(known, (None, None))
        try:
            # `accept` explains in a string why this build of Pillow lacks a format.
            if factory is None or (accept and accept(prefix) is not True):
                continue
            file.seek(0)
            return factory(_webp(file, name, limit) if known == "WEBP" else file, ""), None
        except SyntaxError as error:
            if known == "TIFF":
                if (image := tiff_kinds.grey_with_alpha(file)) is not None:
                    return image, None
                tiff_kinds.check(file, name)
            damage = error
    return None, damage


def _own_reader(file: IO[bytes], prefix: bytes) -> Callable[[IO[bytes]], Image.Image] | None:
    """Return the reader of a format that Pillow lacks, or does not distinguish from others."""
    from PIL import Image

    from defocus.io.codecs import portable

    file.seek(0)
    kind = boxes.kind(file)
    if kind == "HEIF":
        return heif.identify
    if kind == "AVIF":
        factory, accept = Image.OPEN.get("AVIF", (None, None))
        # `accept` explains in a string why this build of Pillow lacks a format.
        if factory is None or (accept and accept(b"\0\0\0\x18ftypavif") is not True):
            raise DecodeError("the image is AVIF, which this Pillow cannot read; update Pillow")
        return lambda opened: factory(opened, "")
    return portable.identify if portable.is_portable(prefix) else None


def _webp(file: IO[bytes], name: str, limit: int | None) -> IO[bytes]:
    """Return the file for Pillow, which allocates the pixels of a WebP when it opens it."""
    size = pillow.webp_size(file.read(30))
    file.seek(0)
    own = pillow.hard_limit()
    if size is None:
        return file
    check_size(name, *size, limit or own)
    return file if own is None or size[0] * size[1] <= own else pillow.unchecked_webp(file)
