"""Anything that holds a picture -> `Photo`: upright RGB, or one clear error.

Pillow is imported inside the functions, to keep `import defocus` light.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from defocus import colour, deep_decode, jpeg_source, transparency
from defocus.errors import ImageTypeError, ImageValueError
from defocus.photo import Photo, check_limit, check_size, descriptive_exif, surviving_info
from defocus.sources import Opened, guard, hard_limit, open_image, typed
from defocus.words import Pixels, to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from defocus.sources import Source as Source

__all__ = [
    "Picture",
    "Preview",
    "count_frames",
    "frames",
    "opened",
    "read",
    "read_depth",
    "read_matte",
]

_GREY_MODES = ("1", "L", "LA", "La")
_COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")
# EXIF orientation -> PIL.Image.Transpose, which is numbered otherwise.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_UPSIDE_DOWN = (3, 4, 6, 7)  # orientations whose first stored row is the last row, or column
_ON_ITS_SIDE = (5, 6, 7, 8)  # orientations whose stored rows are columns

_SUBFILE = 0xFE  # TIFF 6.0, NewSubfileType: bit 0 for a page in reduced resolution
_OUR_INFO = ("jpeg", "duration", "loop")

_BAND = 1 << 16  # pixels handled at a time: they stay in the cache


@dataclass(frozen=True)
class Preview:
    """A small version of a JPEG, which costs far less than the whole: the DCT does the scaling.

    `size` is the width and height of the whole picture, upright.
    """

    size: tuple[int, int]
    _file: io.BytesIO
    _name: str
    _small: tuple[int, int]

    def pixels(self) -> NDArray[np.uint8]:
        """Decode it, once: uint8, H x W x 3, upright.  Raises DecodeError."""
        from PIL import Image
        from PIL.JpegImagePlugin import JpegImageFile

        with typed(self._name):
            image: Image.Image = JpegImageFile(self._file)
            orientation, _ = _metadata(image, image.mode)
            stored = _turned(self._small, orientation)
            # The box is what the picture fills of the scaled pixels; the last may lie beyond it.
            _, box = image.draft(None, _preview_size(stored)) or ("", None)
            image.load()
            small = image.resize(stored, Image.Resampling.BILINEAR, box)
            small = colour.as_network_expects(small, image.info.get("icc_profile"))
            return np.asarray(_turn(_convert(small, "RGB"), orientation))


@dataclass(frozen=True)
class Picture:
    """A picture that is opened but not decoded yet.

    `photo()` decodes it, once.  `preview(size)` gives its small version of that width and height,
    still to be decoded, or None where that would cost about as much as the whole.  Two threads
    may decode the two at the same time.
    """

    photo: Callable[[], Photo]
    preview: Callable[[tuple[int, int]], Preview | None]


def read(source: Source | Pixels, *, max_pixels: int | None = None) -> Photo:
    """Read a picture from a path, bytes, a binary file, a PIL image or an array.

    An array is uint8 or uint16 RGB, height x width x 3, with any strides; it is not copied.  Of
    several frames or pages the first counts (of a PIL image, its current one).  A file object is
    read from where it stands and stays open.  `max_pixels` limits width x height and is checked
    before any pixel is decoded; None limits files and bytes to Pillow's hard limit, twice
    `PIL.Image.MAX_IMAGE_PIXELS`, and what is in memory already not at all.

    Raises InputNotFoundError, DecodeError, ImageTooLargeError, ImageTypeError, ImageValueError,
    OptionError or OptionTypeError.
    """
    with opened(source, max_pixels=max_pixels) as picture:
        return picture.photo()


@contextmanager
def opened(source: Source | Pixels, *, max_pixels: int | None = None) -> Iterator[Picture]:
    """Open a picture as `read` does, which it takes from and raises like, but decode nothing yet.

    What was opened is closed at the end of the `with` block.
    """
    if isinstance(source, Photo):
        photo = source
    else:
        check_limit(max_pixels)
        if not isinstance(source, np.ndarray):
            with ExitStack() as stack:
                found = open_image(source, max_pixels, stack)
                yield Picture(lambda: _photo(found), lambda size: _preview(found, size))
            return
        photo = Photo.from_array(source)
        check_size("<array>", *photo.size, max_pixels)
    yield Picture(lambda: photo, lambda size: None)


def frames(source: Source, *, max_pixels: int | None = None) -> Iterator[Photo]:
    """Read every frame or page, one after the other, as `read` reads the first.

    `info` has a frame's `duration` (milliseconds) and how often all are played, `loop` (0 for
    ever).  Of a PIL image all are read, too, and its current one is the current one again.
    """
    check_limit(max_pixels)
    with ExitStack() as stack:
        if isinstance(source, (Photo, np.ndarray)):
            yield read(source, max_pixels=max_pixels)
            return
        found = open_image(source, max_pixels, stack)
        image, name, _ = found
        with typed(name):
            count, before = _frames(image), image.tell()
            # A PNG may begin with a picture for those who know no animations.
            first = 1 if getattr(image, "default_image", False) and count > 1 else 0
        if count > 1:
            stack.callback(image.seek, before)
        for index in range(first, count):
            with typed(name):
                if count > 1:
                    image.seek(index)
                check_size(name, *image.size, max_pixels or hard_limit())
                if index and getattr(image, "tag_v2", {}).get(_SUBFILE, 0) & 1:
                    continue  # the page before, smaller
            photo = _photo(found)
            yield replace(photo, info={**photo.info, **_timing(image)}, frames=1)


def count_frames(source: Source, *, max_pixels: int | None = None) -> int:
    """How many frames or pages a picture has, of which none is decoded.  Raises as `read` does."""
    check_limit(max_pixels)
    with ExitStack() as stack:
        image, name, _ = open_image(source, max_pixels, stack)
        with typed(name):
            return _frames(image)


def _timing(image: Image.Image) -> dict[str, Any]:
    """How long a frame is shown, and how often an animation is played."""
    found: dict[str, Any] = {}
    if _frames(image) == 1 or image.format == "TIFF":
        return found
    with suppress(KeyError, TypeError, ValueError):
        found["duration"] = float(image.info["duration"])
    loop = image.info.get("loop")
    if image.format == "GIF":  # counts repetitions
        loop = 1 if loop is None else loop + 1 if loop else 0
    if isinstance(loop, int):
        found["loop"] = loop
    return found


def read_matte(source: Source, *, max_pixels: int | None = None) -> NDArray[np.uint8]:
    """Read a matte from an image file: uint8, height x width, 255 where the subject is.

    An image with transparent pixels gives its alpha channel, any other its lightness.  Sources
    (without arrays), limits and errors are those of `read`.
    """
    check_limit(max_pixels)
    with ExitStack() as stack:
        image, name, file = open_image(source, max_pixels, stack)
        with typed(name):
            if (deep := deep_decode.read(image, file, name)) is not None:
                return _deep_matte(deep)
            _load(image, name)
            alpha = _alpha(image)
            chosen = _convert(image, "L") if alpha is None else alpha
            return np.asarray(_turn(chosen, _metadata(image, "L")[0]))


def _deep_matte(deep: deep_decode.DeepPicture) -> NDArray[np.uint8]:
    from PIL import Image

    if deep.alpha is None or deep.opaque:
        matte = np.asarray(Image.fromarray(to_bytes(deep.pixels)).convert("L"))
    else:
        matte = to_bytes(deep.alpha)
    orientation = deep.orientation or _metadata(deep.described, "L")[0]
    return deep_decode.turned(matte, orientation)


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
            image, name, _ = open_image(source, max_pixels, stack)
            with typed(name):
                source = np.asarray(image)
    if source.ndim != 2 or 0 in source.shape or source.dtype.kind not in "uif":
        raise ImageValueError(
            f"depth has shape {source.shape} and dtype {source.dtype}; expected one number a pixel,"
            " height x width"
        )
    if not (source >= 0).all():
        raise ImageValueError("depth has NaN or negative values; expected distances, 0 or more")
    return source.astype(np.float32)


def _preview(found: Opened, small: tuple[int, int]) -> Preview | None:
    """Give a preview of what has one, and is so large that it pays."""
    image, name, file = found
    # A progressive JPEG has to be read to its end before the first pixel is known: the preview
    # takes four fifths of the time of the whole.  MPO begins with the JPEG that counts.
    if (
        file is None
        or image.format not in ("JPEG", "MPO")
        or image.mode not in ("L", "RGB")
        or "progressive" in image.info
    ):
        return None
    with typed(name):
        orientation, _ = _metadata(image, image.mode)
        width, height = _preview_size(_turned(small, orientation))
        if image.width < 2 * width or image.height < 2 * height:
            return None
        file.seek(0)
        data = io.BytesIO(file.read())
    return Preview(_turned(image.size, orientation), data, name, small)


def _preview_size(small: tuple[int, int]) -> tuple[int, int]:
    """The least size at which to decode for one that is to be resized to `small`.

    Twice that: the network's map then differs by .001 to .003 on average from that of the whole
    picture; decoded at any size from `small` on, the worst of 25 photographs has .018.
    """
    return 2 * small[0], 2 * small[1]


def _load(image: Image.Image, name: str) -> None:
    """Decode pixels of 8 bits, after refusing what RGB would damage."""
    if image.mode not in (*_GREY_MODES, *_COLOUR_MODES, *colour.CONVERTED):
        raise ImageTypeError(f"{name} has mode {image.mode}; convert it to RGB first")
    with guard(image.width * image.height if image.format == "TIFF" else None):
        image.load()


def _alpha(image: Image.Image) -> Image.Image | None:
    """Give the alpha channel, or None where every pixel is opaque: such a channel says nothing."""
    if not image.has_transparency_data:
        return None
    alpha = _convert(image, "LA" if image.mode in _GREY_MODES else "RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _photo(found: Opened) -> Photo:
    image, name, file = found
    with typed(name):
        frames = _frames(image)
        if (deep := deep_decode.read(image, file, name)) is not None:
            return _deep_photo(deep, image.format, frames)
        _load(image, name)
        mode: Literal["L", "RGB"] = "L" if image.mode in _GREY_MODES else "RGB"
        orientation, info = _metadata(image, mode)
        info |= jpeg_source.encoding(image, orientation)
        if image.format is None:  # perhaps made by us
            info |= {key: image.info[key] for key in _OUR_INFO if key in image.info}
        form, alpha = image.format, _alpha(image)
        with guard(_BAND + image.width):  # Pillow checks bands like pictures
            if image.mode in colour.CONVERTED:
                image = colour.to_srgb(image)
                info["icc_profile"] = colour.srgb_profile()
            pixels = _upright_pixels(_convert(image, mode), orientation)
        own = None if alpha is None else np.asarray(_turn(alpha, orientation))
        if own is not None:
            transparency.fill_hidden(pixels, own)
        return Photo(pixels, mode=mode, info=info, format=form, alpha=own, frames=frames)


def _frames(image: Image.Image) -> int:
    """How many frames or pages the file has.  What follows in an MPO is the same photograph."""
    return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))


def _deep_photo(deep: deep_decode.DeepPicture, format: str | None, frames: int) -> Photo:
    orientation, info = _metadata(deep.described, deep.mode)
    orientation = deep.orientation or orientation
    pixels = deep_decode.turned(deep.pixels, orientation)
    alpha = None
    if deep.alpha is not None and not deep.opaque:
        alpha = deep_decode.turned(deep.alpha, orientation)
        transparency.fill_hidden(pixels, alpha)
    return Photo(pixels, mode=deep.mode, info=info, format=format, alpha=alpha, frames=frames)


def _upright_pixels(image: Image.Image, orientation: int) -> NDArray[np.uint8]:
    """Turn a grey or RGB image upright and give its pixels, H x W x 3.

    In bands of rows that stay in the cache: at 12 MP a third of the time that Pillow's own
    conversion takes, half of it when the picture has to be turned.
    """
    width, height = _turned(image.size, orientation)
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        band = _turn(image.crop((0, top, image.width, bottom)), orientation)
        if orientation in _UPSIDE_DOWN:
            top, bottom = image.height - bottom, image.height - top
        place = pixels[:, top:bottom] if orientation in _ON_ITS_SIDE else pixels[top:bottom]
        place[...] = np.frombuffer(_convert(band, "RGB").tobytes(), np.uint8).reshape(place.shape)
    return pixels


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return size[::-1] if orientation in _ON_ITS_SIDE else size


def _convert(image: Image.Image, mode: str) -> Image.Image:
    if image.mode in ("La", "RGBa"):  # premultiplied; Pillow converts them in two steps only
        image = image.convert(image.mode.upper())
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
