"""From any source to a `Photo`: upright RGB, or one clear error.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from defocus.errors import ImageTypeError
from defocus.io import page_count, pillow
from defocus.io.codecs import deep_decode, jpeg, jpeg_source
from defocus.io.colour import colour_tags, to_srgb
from defocus.io.open import ImageSource, Opened, Source, open_image, typed
from defocus.io.orient import (
    COLOUR_MODES,
    GREY_MODES,
    convert,
    metadata,
    pixels_of,
    turn,
    turned_pixels,
)
from defocus.io.photo import Photo, check_size
from defocus.options.values import check_limit
from defocus.pixels.alpha import fill_hidden
from defocus.pixels.arrays import as_array
from defocus.pixels.samples import Pixels
from defocus.timing import stage

if TYPE_CHECKING:
    from PIL import Image


__all__ = [
    "Picture",
    "alpha_of",
    "count_frames",
    "frames",
    "load",
    "opened",
    "read",
]

_SUBFILE = 0xFE  # TIFF 6.0, NewSubfileType: bit 0 marks a page in reduced resolution
_OUR_INFO = ("jpeg", "duration", "loop", "cicp")


class Picture(NamedTuple):
    """An image that is opened but not decoded yet.

    `photo()` decodes it, once.
    """

    photo: Callable[[], Photo]


def read(source: ImageSource, *, max_pixels: int | None = None) -> Photo:
    """Read an image from a path, bytes, a binary file, a PIL image or an array.

    An array is grey, RGB or RGBA, of uint8, uint16 or floats from 0 to 1, with any strides.  RGB of
    integers is not copied.  Of several frames or pages the first is read.  Of a PIL image it is the
    current one.  A file object is read from its position and stays open.

    `max_pixels` limits width x height, and is checked before any pixel is decoded.  None limits
    files and bytes to Pillow's hard limit, twice `PIL.Image.MAX_IMAGE_PIXELS`.  Images in memory
    are then not limited.

    Raises InputNotFoundError, DecodeError, ImageTooLargeError, ImageTypeError, ImageValueError,
    OptionError or OptionTypeError.
    """
    with opened(source, max_pixels=max_pixels) as picture:
        return picture.photo()


@contextmanager
def opened(source: ImageSource, *, max_pixels: int | None = None) -> Iterator[Picture]:
    """Open an image as `read` does, with the same parameters and errors, but decode nothing yet.

    Files are closed at the end of the `with` block.
    """
    if isinstance(source, Photo):
        photo = source
    else:
        check_limit(max_pixels)
        array = as_array(source)
        if array is None:
            with ExitStack() as stack:
                with stage("decode"):
                    found = open_image(cast("Source", source), max_pixels, stack)
                yield Picture(lambda: _decoded(found))
            return
        photo = Photo.from_array(array)
        check_size("<array>", *photo.size, max_pixels)
    yield Picture(lambda: photo)


def frames(source: ImageSource, *, max_pixels: int | None = None) -> Iterator[Photo]:
    """Read every frame or page, one after the other, as `read` reads the first.

    `info` has the `duration` of a frame (milliseconds), and `loop`, the number of plays, 0 for
    endless.  The frames of a PIL image are read too, and its current frame is restored afterwards.
    """
    check_limit(max_pixels)
    with ExitStack() as stack:
        if isinstance(source, Photo) or as_array(source) is not None:
            yield read(source, max_pixels=max_pixels)
            return
        found = open_image(cast("Source", source), max_pixels, stack)
        image, name, file = found
        with typed(name):
            count = page_count.checked(image, file, name)
            deep = deep_decode.frames(image, file)
        if deep is not None:
            yield from _deep_frames(deep, name)
            return
        with typed(name):
            before = image.tell()
            # A PNG may begin with an image for readers without animations.
            first = 1 if getattr(image, "default_image", False) and count > 1 else 0
        if count > 1 and file is None:  # the caller's image
            stack.callback(_seek, found, before)
        for index in range(first, count):
            if count > 1:
                _seek(found, index)
            with typed(name):
                check_size(name, *image.size, max_pixels or pillow.hard_limit())
                if index and getattr(image, "tag_v2", {}).get(_SUBFILE, 0) & 1:
                    continue  # a smaller version of the page before
            photo = _decoded(found)
            yield replace(photo, info={**photo.info, **_timing(image, count)}, frames=1)


def _seek(found: Opened, index: int) -> None:
    with typed(found.name):
        found.image.seek(index)


def _deep_frames(frames: Iterator[deep_decode.DeepFrame], name: str) -> Iterator[Photo]:
    """Yield the frames of an animated PNG of 16 bits, which has at least one."""
    while True:
        with typed(name):
            frame = next(frames, None)
            if frame is None:
                return
            photo = _deep_photo(frame.picture, "PNG", 1)
        timing = {"duration": frame.duration, "loop": frame.plays}
        yield replace(photo, info={**photo.info, **timing})


def count_frames(source: Source, *, max_pixels: int | None = None) -> int:
    """Return the number of frames or pages; none is decoded.  Raises the errors of `read`."""
    check_limit(max_pixels)
    with ExitStack() as stack:
        image, name, file = open_image(source, max_pixels, stack)
        with typed(name):
            return page_count.checked(image, file, name)


def _timing(image: Image.Image, count: int) -> dict[str, Any]:
    """Return how long a frame is shown, and how often an animation is played."""
    found: dict[str, Any] = {}
    if count == 1 or image.format == "TIFF":
        return found
    with suppress(KeyError, TypeError, ValueError):
        found["duration"] = float(image.info["duration"])
    loop = image.info.get("loop")
    if image.format == "GIF":  # counts repetitions
        loop = 1 if loop is None else loop + 1 if loop else 0
    if isinstance(loop, int):
        found["loop"] = loop
    return found


def load(image: Image.Image, name: str) -> None:
    """Decode 8-bit pixels, after a check for modes that RGB would damage."""
    if image.mode not in (*GREY_MODES, *COLOUR_MODES, *to_srgb.CONVERTED):
        raise ImageTypeError(f"{name} has mode {image.mode}; convert it to RGB first")
    pillow.make_room(image)
    image.load()


def alpha_of(image: Image.Image) -> Image.Image | None:
    """Return the alpha channel, or None if every pixel is opaque."""
    if not image.has_transparency_data:
        return None
    alpha = convert(image, "LA" if image.mode in GREY_MODES else "RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _decoded(found: Opened) -> Photo:
    with stage("decode"):
        return _photo(found)


def _photo(found: Opened) -> Photo:
    image, name, file = found
    with typed(name):
        frames = page_count.count(image, file)
        if (deep := deep_decode.read(image, file, name)) is not None:
            return _deep_photo(deep, image.format, frames)
        stated = colour_tags.stated(image, file)
        stored = jpeg.decode(image, file)
        if stored is None:
            load(image, name)
        mode: Literal["L", "RGB"] = "L" if image.mode in GREY_MODES else "RGB"
        orientation, info, lost = metadata(image, mode)
        info = stated.completing(info, grey=mode == "L")
        info |= jpeg_source.encoding(image, orientation)
        if image.format is None:  # perhaps made by us
            info |= {key: image.info[key] for key in _OUR_INFO if key in image.info}
        form, alpha = image.format, alpha_of(image)
        if image.mode in to_srgb.CONVERTED:
            image = to_srgb.to_srgb(image)
            info["icc_profile"] = to_srgb.srgb_profile()
    # No codec runs after this line.
    pixels: Pixels
    if stored is None:
        pixels = pixels_of(convert(image, mode), orientation)
    else:
        pixels = turned_pixels(stored, orientation)
    if stated.narrow:
        pixels = colour_tags.full_range(pixels)
    own = None if alpha is None else np.asarray(turn(alpha, orientation))
    if own is not None:
        fill_hidden(pixels, own)
    return Photo(pixels, mode=mode, info=info, format=form, alpha=own, frames=frames, lost=lost)


def _deep_photo(deep: deep_decode.DeepPicture, format: str | None, frames: int) -> Photo:
    described = deep.described
    stated = colour_tags.stated(described, None)
    orientation, info, lost = metadata(described, deep.mode)
    info = stated.completing(info, grey=deep.mode == "L")
    if described.format is None:  # perhaps made by us
        info |= {key: described.info[key] for key in _OUR_INFO if key in described.info}
    orientation = deep.orientation or orientation
    pixels = turned_pixels(deep.pixels, orientation)
    if stated.narrow:
        pixels = np.asarray(colour_tags.full_range(pixels), np.uint16)
    alpha = None
    if deep.alpha is not None and not deep.opaque:
        alpha = turned_pixels(deep.alpha, orientation)
        fill_hidden(pixels, alpha)
    return Photo(
        pixels, mode=deep.mode, info=info, format=format, alpha=alpha, frames=frames, lost=lost
    )
