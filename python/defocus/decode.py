"""Anything that holds a picture -> `Photo`: upright RGB, or one clear error.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from defocus.errors import (
    DecodeError,
    DefocusError,
    ImageTooLargeError,
    ImageTypeError,
    ImageValueError,
    InputNotFoundError,
)
from defocus.photo import Photo, check_limit, check_size, descriptive_exif, surviving_info

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    # What `read` takes besides arrays; an open file must be in binary mode.
    Source: TypeAlias = (
        str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | Photo
    )

__all__ = ["read", "read_depth", "read_matte", "shrink"]

# Pillow opens more, some by starting other programs (EPS runs Ghostscript).  HEIF works once the
# caller has registered a plug-in.  JPEG 2000 is out: Pillow silently cuts deep samples to 8 bits.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "AVIF", "HEIF")
_HEIF_STARTS = {b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"mif1")}

_GREY_MODES = ("1", "L", "LA", "La")
_COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")
# EXIF orientation -> PIL.Image.Transpose, which is numbered otherwise.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}

_guard_lock = threading.Lock()


def read(source: Source | NDArray[np.uint8], *, max_pixels: int | None = None) -> Photo:
    """Read a picture from a path, bytes, a binary file, a PIL image or an array.

    An array is uint8 RGB, height x width x 3, with any strides; it is not copied.  Of several
    frames or pages the first counts (of a PIL image, its current one).  A file object is read
    from where it stands and stays open.  `max_pixels` limits width x height and is checked
    before any pixel is decoded; None limits files and bytes to Pillow's hard limit, twice
    `PIL.Image.MAX_IMAGE_PIXELS`, and what is in memory already not at all.

    Raises InputNotFoundError, DecodeError, ImageTooLargeError, ImageTypeError, ImageValueError,
    OptionError or OptionTypeError.
    """
    if isinstance(source, Photo):
        return source
    check_limit(max_pixels)
    if isinstance(source, np.ndarray):
        photo = Photo.from_array(source)
        check_size("<array>", *photo.size, max_pixels)
        return photo
    with ExitStack() as stack:
        image, name = _open(source, max_pixels, stack)
        with _typed(name):
            return _photo(image, name)


def read_matte(source: Source, *, max_pixels: int | None = None) -> NDArray[np.uint8]:
    """Read a matte from an image file: uint8, height x width, 255 where the subject is.

    An image with transparent pixels gives its alpha channel, any other its lightness.  Sources
    (without arrays), limits and errors are those of `read`.
    """
    check_limit(max_pixels)
    with ExitStack() as stack:
        image, name = _open(source, max_pixels, stack)
        with _typed(name):
            _load(image, name)
            alpha = _alpha(image)
            chosen = _convert(image, "L") if alpha is None else alpha
            return np.asarray(_turn(chosen, _metadata(image, "L")[0]))


def read_depth(
    source: Source | NDArray[Any], *, max_pixels: int | None = None
) -> NDArray[np.float32]:
    """Read a depth map, float32 height x width, from an array or an image of one channel.

    Values keep their scale: 8, 16 or 32 bits, integer or float.  An image is not turned.  Sources,
    limits and errors are those of `read`; ImageValueError also for NaN, negatives and other shapes.
    """
    check_limit(max_pixels)
    with ExitStack() as stack:
        if not isinstance(source, np.ndarray):
            image, name = _open(source, max_pixels, stack)
            with _typed(name):
                source = np.asarray(image)
    if source.ndim != 2 or 0 in source.shape or source.dtype.kind not in "uif":
        raise ImageValueError(
            f"depth has shape {source.shape} and dtype {source.dtype}; expected one number a pixel,"
            " height x width"
        )
    if not (source >= 0).all():
        raise ImageValueError("depth has NaN or negative values; expected distances, 0 or more")
    return source.astype(np.float32)


def shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize RGB pixels (any strides) to `size`, (width, height), for the network.

    Pillow's BILINEAR widens its triangle to the scale when it shrinks, so it does not alias.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


def _open(source: Source, limit: int | None, stack: ExitStack) -> tuple[Image.Image, str]:
    """Identify the picture and check its size; no pixel is decoded yet."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(source, pillow.Image):
        image: Image.Image = source
        name = "<PIL image>"
        if 0 in image.size:
            raise ImageValueError(f"{name} has size {image.size}; it holds no pixels")
    else:
        file, name = _file(source, stack)
        with _typed(name):
            image = _identify(file, name, limit)
        guard = sys.modules["PIL.Image"].MAX_IMAGE_PIXELS
        limit = limit or (guard and 2 * guard)
    check_size(name, *image.size, limit)
    return image, name


def _file(source: Any, stack: ExitStack) -> tuple[IO[bytes], str]:
    """Give a seekable binary file that starts with the picture, and its name for messages."""
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
            f"the image is a {type(source).__name__}; expected a path, bytes, a binary file,"
            " a PIL image or a uint8 array (see numpy.asarray)"
        )
    with _typed(name):
        return io.BytesIO(source.read()), name


def _open_path(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        if re.match(r"[a-z][a-z0-9+.-]+://|data:", path, re.IGNORECASE):
            reason = "is an address; defocus does not fetch, download the file first"
        elif isinstance(error, IsADirectoryError):
            reason = "is a folder; name an image file in it"
        elif isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
            reason = "does not exist; check the path"
        else:
            raise DecodeError(f"{path!r} cannot be opened: {error.strerror}") from error
        raise InputNotFoundError(f"{path!r} {reason}") from error


@contextmanager
def _typed(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises on bad input into an error of ours."""
    try:
        yield
    except Exception as error:
        if isinstance(error, DefocusError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        if type(error).__name__.startswith("DecompressionBomb"):
            advice = "raise max_pixels if you trust the picture"
            raise ImageTooLargeError(f"{name} is too large: {reason} {advice}") from error
        raise DecodeError(f"{name} cannot be decoded: {reason}") from error


def _identify(file: IO[bytes], name: str, limit: int | None) -> Image.Image:
    """Parse the header; as `PIL.Image.open`, which heeds no limit but that of the process."""
    from PIL import Image

    prefix = file.read(16)
    if not prefix:
        raise DecodeError(f"{name} is empty; it holds 0 bytes")
    damage: Exception | None = None
    Image.preinit()
    for known in _FORMATS:
        if known not in Image.OPEN:
            Image.init()
        factory, accept = Image.OPEN.get(known, (None, None))
        try:
            # `accept` explains in a string why this build of Pillow lacks a format.
            if factory is None or (accept and accept(prefix) is not True):
                continue
            file.seek(0)
            with _guard(limit):
                return factory(file, "")
        except SyntaxError as error:
            damage = error
    if prefix[4:12] in _HEIF_STARTS and "HEIF" not in Image.OPEN:
        raise DecodeError(f"{name} is HEIF (HEIC); convert it to JPEG, or register pillow-heif")
    if damage:
        raise DecodeError(f"{name} is damaged: {damage}") from damage
    readable = ", ".join(known for known in _FORMATS if known in Image.OPEN)
    raise DecodeError(f"{name} is no image that defocus reads; expected {readable}")


@contextmanager
def _guard(pixels: int | None) -> Iterator[None]:
    """Let Pillow pass so many pixels: it checks WebP while it opens, and TIFF while it loads."""
    from PIL import Image

    if pixels is None or Image.MAX_IMAGE_PIXELS is None or pixels <= Image.MAX_IMAGE_PIXELS:
        yield
        return
    with _guard_lock:
        before = Image.MAX_IMAGE_PIXELS
        try:
            Image.MAX_IMAGE_PIXELS = pixels
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _load(image: Image.Image, name: str) -> None:
    """Decode the pixels, after refusing what 8-bit RGB would damage."""
    if _is_deep(image):
        raise ImageTypeError(f"{name} has more than 8 bits per sample; scale it to 8 bits first")
    if image.mode not in _GREY_MODES + _COLOUR_MODES:
        raise ImageTypeError(
            f"{name} has mode {image.mode}; convert it to RGB first, by its colour profile if it"
            " has one (PIL.ImageCms.profileToProfile)"
        )
    with _guard(image.width * image.height if image.format == "TIFF" else None):
        image.load()


def _is_deep(image: Image.Image) -> bool:
    """Whether there are more than 8 bits; some Pillow cuts to 8 without a word."""
    bits_per_sample = getattr(image, "tag_v2", {}).get(0x0102, (8,))
    if image.mode[0] in "IF" or max(bits_per_sample) > 8:
        return True
    return any(
        ";16" in str(arguments) or (codec.startswith("ppm") and arguments[-1] > 255)
        for codec, _, _, arguments in getattr(image, "tile", ())
    )


def _alpha(image: Image.Image) -> Image.Image | None:
    """Give the alpha channel, or None where every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = _convert(image, "LA" if image.mode in _GREY_MODES else "RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _photo(image: Image.Image, name: str) -> Photo:
    _load(image, name)
    if _alpha(image) is not None:
        raise ImageValueError(
            f"{name} has transparent pixels; flatten it onto a background first,"
            " for example with PIL.Image.alpha_composite"
        )
    mode: Literal["L", "RGB"] = "L" if image.mode in _GREY_MODES else "RGB"
    orientation, info = _metadata(image, mode)
    upright = _turn(_convert(image, mode), orientation)
    return Photo(np.asarray(_convert(upright, "RGB")), mode=mode, info=info, format=image.format)


def _convert(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == "La":  # premultiplied; Pillow converts it in two steps only
        image = image.convert("LA")
    return image if image.mode == mode else image.convert(mode)


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(Transpose(turn))


def _metadata(image: Image.Image, mode: str) -> tuple[int, dict[str, Any]]:
    """Give the orientation that is still to be applied, and what survives."""
    if image.format != "TIFF":
        return surviving_info(image.info, image.info.get("exif"), mode)
    from PIL.Image import Exif

    # Pillow has turned a TIFF upright while it loaded it.
    return 1, surviving_info(image.info, descriptive_exif(image.getexif(), Exif()), mode)[1]
