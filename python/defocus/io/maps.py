"""Mattes and depth maps: from any source to arrays, upright and with all their bits.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from defocus.errors import ImageTypeError, ImageValueError, type_of
from defocus.io import decode, orient, pillow
from defocus.io.codecs import deep_decode
from defocus.io.colour import to_srgb
from defocus.io.open import ImageSource, open_image, typed
from defocus.io.orient import GREY_MODES, convert
from defocus.options.values import check_limit
from defocus.pixels.arrays import as_array, is_masked
from defocus.pixels.mattes import Mask, as_mask, one_plane
from defocus.timing import stage

if TYPE_CHECKING:
    from PIL import Image

MapSource: TypeAlias = ImageSource

__all__ = ["MapSource", "check_kind", "read_depth", "read_matte"]

_KINDS = "an array, a PIL image, a path, bytes or a binary file"
_BITS, _SAMPLE_FORMAT = 258, 339  # TIFF 6.0
_UNSIGNED = 1
# Lossy formats change grey into nearly grey; the largest difference in 8-bit values.
_LOSSY, _NEARLY = ("JPEG", "WEBP", "AVIF", "HEIF"), 8


class _Map(NamedTuple):
    """The values of a map, upright: H x W, or H x W x 3 in colour.

    They are the alpha of the image if it is not `opaque`.  Channels of a grey image may differ by
    up to `nearly`.
    """

    values: NDArray[Any]
    opaque: bool = True
    nearly: int = 0


def read_matte(source: MapSource, *, name: str = "matte", max_pixels: int | None = None) -> Mask:
    """Read a matte or stroke: uint8 0..255 or float32 0..1, height x width; subject is largest.

    An array is bool, an unsigned integer from 0 to its full scale, or a float from 0 to 1.  An
    image or array with transparent pixels gives its alpha channel, any other its lightness.
    Palettes and orientation are applied, and 16 bits are kept.  Messages call it `name`.
    `max_pixels` is that of `decode.read`.

    Raises ImageTypeError or ImageValueError for anything else, and the errors of `decode.read`.
    """
    array = as_array(source)
    if array is not None:
        return as_mask(name, one_plane(array))
    found = _read(source, name, max_pixels)
    return as_mask(name, _lightness(found.values), "numpy.asarray(image)")


def read_depth(source: MapSource, *, max_pixels: int | None = None) -> NDArray[np.float32]:
    """Read a depth map: float32, height x width, 0 or more, infinity allowed.

    It is an array with one number per pixel, or a grey image of 1 to 32 bits, integer or float.
    Values keep their scale.  Palettes, RGB and alpha are accepted if the image is grey and opaque.
    An image is turned upright like a photograph.  `max_pixels` is that of `decode.read`.

    Raises ImageTypeError or ImageValueError for anything else, also for NaN and negative numbers,
    and the errors of `decode.read`.
    """
    array = as_array(source)
    if array is not None:
        return _distances(array)
    found = _read(source, "depth", max_pixels)
    if not found.opaque:
        raise ImageValueError(
            "depth has transparent pixels, which have no distance; fill them and remove the alpha"
            " channel"
        )
    return _distances(_grey(found))


def _distances(values: NDArray[Any]) -> NDArray[np.float32]:
    if values.ndim != 2 or 0 in values.shape or values.dtype.kind not in "uif":
        raise ImageValueError(
            f"depth has shape {values.shape} and dtype {values.dtype}; expected one number per"
            " pixel, height x width"
        )
    if is_masked(values):
        raise ImageValueError("depth has masked values; fill them first: depth.filled(...)")
    if not (values >= 0).all():
        raise ImageValueError("depth has NaN or negative values; expected distances, 0 or more")
    with np.errstate(over="ignore"):  # a distance beyond float32 becomes infinity
        return np.array(values, np.float32)


def _grey(found: _Map) -> NDArray[Any]:
    """Return the one channel of a grey image that may be stored in three."""
    if found.values.ndim == 2:
        return found.values
    red, green, blue = (found.values[..., channel].astype(np.int32) for channel in range(3))
    for other in (green, blue):
        if np.abs(red - other).max() > found.nearly:
            raise ImageValueError(
                "depth is in colour, which states no distance; pass the distances"
                " themselves, as grey (8, 16 bits or float) or as an array"
            )
    return found.values[..., 1]


def _lightness(values: NDArray[Any]) -> NDArray[Any]:
    """Return grey as it is, and colours as luma by Rec. 601, rounded as Pillow does."""
    if values.ndim == 2:
        return values
    red, green, blue = (values[..., channel].astype(np.uint32) for channel in range(3))
    luma = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    return luma.astype(values.dtype)


def check_kind(name: str, source: object) -> None:
    """Raise ImageTypeError for a value that cannot hold an image.  Nothing is read."""
    kinds = (str, bytes, bytearray, memoryview, os.PathLike)
    image = hasattr(source, "read") or hasattr(source, "getbands")
    if not (isinstance(source, kinds) or image or as_array(source) is not None):
        advice = f"convert it with numpy.asarray({name})"
        if hasattr(source, "matte"):
            advice = "pass the result of find_subject as subject="
        raise ImageTypeError(f"{name} is {type_of(source)}; expected {_KINDS}; {advice}")


def _read(source: Any, name: str, max_pixels: int | None) -> _Map:
    check_limit(max_pixels)
    check_kind(name, source)
    with stage("decode"), ExitStack() as stack:
        image, label, file = open_image(source, max_pixels, stack)
        with typed(label):
            if _holds_numbers(image):
                return _numbers(image)
            if (deep := deep_decode.read(image, file, label)) is not None:
                return _of_deep(deep)
            return _of_bytes(image, label)


def _holds_numbers(image: Image.Image) -> bool:
    """Return whether the samples are floats, or integers that do not fit into 16 unsigned bits."""
    if image.mode == "F":
        return True
    tags: Any = getattr(image, "tag_v2", {})
    sixteen = set(tags.get(_BITS, ())) == {16} and set(tags.get(_SAMPLE_FORMAT, (1,))) == {1}
    still_stored = bool(getattr(image, "tile", ())) and image.format != "TIFF"
    return image.mode == "I" and not sixteen and not still_stored


def _numbers(image: Image.Image) -> _Map:
    pillow.make_room(image)
    image.load()
    values = np.asarray(image)
    tags: Any = getattr(image, "tag_v2", {})
    if image.mode == "I" and tags and set(tags.get(_SAMPLE_FORMAT, (1,))) == {_UNSIGNED}:
        values = values.view(np.uint32)  # Pillow shows them as signed
    return _Map(orient.turned_pixels(values, orient.orientation(image)))


def _of_deep(deep: deep_decode.DeepPicture) -> _Map:
    values: Any = deep.pixels[..., 0] if deep.mode == "L" else deep.pixels
    if deep.alpha is not None and not deep.opaque:
        values = deep.alpha
    orientation = deep.orientation or orient.orientation(deep.described)
    return _Map(orient.turned_pixels(values, orientation), deep.opaque)


def _of_bytes(image: Image.Image, label: str) -> _Map:
    decode.load(image, label)
    orientation, grey = orient.orientation(image), image.mode in GREY_MODES
    nearly = _NEARLY if image.format in _LOSSY else 0
    alpha = decode.alpha_of(image)
    if alpha is not None:
        shown = alpha
    elif image.mode in to_srgb.CONVERTED:
        shown = to_srgb.to_srgb(image)
    else:
        shown = convert(image, "L" if grey else "RGB")
    return _Map(orient.turned_pixels(np.asarray(shown), orientation), alpha is None, nearly)
