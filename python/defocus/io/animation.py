"""Animations and TIFF pages: read each frame, write all frames."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from defocus.errors import (
    EncodeError,
    ImageValueError,
    OptionTypeError,
    UnsupportedFormatError,
    shown,
    type_of,
)
from defocus.io import decode, frame_spool, results, save
from defocus.io.codecs import deep_animation, tiff
from defocus.io.codecs.codec_errors import encoding
from defocus.io.formats import ANIMATIONS, check_storage, format_of, pillow_settings
from defocus.io.frame_spool import CLEAR, KEYED, Spool
from defocus.io.open import Source
from defocus.io.output_files import check_place
from defocus.io.pillow import Image
from defocus.options import Storage, Strip
from defocus.options.values import check_format as check_name
from defocus.options.values import check_limit, check_times, elements
from defocus.pixels import alpha

__all__ = ["check_format", "each_frame", "save_frames"]

_DURATION = 100.0  # milliseconds, if none is stated


def each_frame(source: Source, *, max_pixels: int | None = None) -> Iterator[Image.Image]:
    """Read the frames of an animation or the pages of a TIFF, one after the other.

    Only one frame is in memory at a time.

    Parameters
    ----------
    source : str, os.PathLike, bytes, binary file or PIL image
        As for `portrait`.  An image with a single frame yields that frame.
    max_pixels : int, optional
        The largest number of pixels of each frame, 1 or more.  Default: Pillow's hard limit.

    Yields
    ------
    PIL image
        The complete frame, upright.  `info["duration"]` is its time in milliseconds.
        `info["loop"]` is the number of times that the animation is played, 0 for endless.

    Raises
    ------
    DefocusError
        The errors of `portrait`.  A bad limit raises at once, a damaged frame when it is reached.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> file, shades = io.BytesIO(), [Image.new("L", (4, 3), shade) for shade in (0, 99)]
    >>> shades[0].save(file, "GIF", save_all=True, append_images=shades[1:], duration=40, loop=0)
    >>> [(frame.size, frame.info["duration"]) for frame in each_frame(file.getvalue())]
    [((4, 3), 40.0), ((4, 3), 40.0)]
    """
    check_limit(max_pixels)
    return _each(source, max_pixels)


def _each(source: Source, max_pixels: int | None) -> Iterator[Image.Image]:
    for photo in decode.frames(source, max_pixels=max_pixels):
        pixels = photo.pixels
        if photo.alpha is not None:
            pixels = alpha.with_alpha(pixels, photo.alpha)
        frame: Any = results.to_output(pixels, photo)
        yield frame


def save_frames(
    frames: Iterable[Image.Image | NDArray[np.uint8]],
    target: save.Target,
    *,
    format: str | None = None,
    duration: float | None = None,
    loop: int | None = None,
    quality: int | None = None,
    strip: Strip = "none",
) -> None:
    """Save frames as one animation (GIF, PNG, WebP) or as the pages of a TIFF.

    One frame is in memory at a time.  The others are held compressed in a temporary file.  Pillow's
    encoders of GIF and PNG also keep what changes from frame to frame.  Colour profile, EXIF, XMP
    and resolution are those of the first frame.  A single frame is saved as by `save`, in any of
    its formats, or as a GIF.

    Parameters
    ----------
    frames : iterable of PIL images, or of uint8 or uint16 arrays
        May be a generator.  Frames of an animation have one size.
        16 bits per sample are kept in PNG and TIFF, and rounded to 8 in GIF and WebP.
    target : str, os.PathLike or binary file
    format : {"gif", "png", "apng", "webp", "tif", "tiff"}, optional
        Default: the format of the target's extension.  GIF has 256 colours per frame.
    duration : float, optional
        The time of a frame in milliseconds, 0 to 16777215.
        Default: `info["duration"]` of each frame, else 100.
    loop : int, optional
        The number of times that the animation is played, 0 (endless) to 16777215.
        Default: `info["loop"]` of the first frame, else 0.
    quality : int, optional
        1 to 100, for WebP.  Default: 95.
    strip : {"none", "gps", "all"}, default "none"
        The metadata to leave out, as in `save`.

    Raises
    ------
    ImageTypeError, ImageValueError
        `frames` is empty, or holds something that is not an image.
    DefocusError
        The errors of `save`.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> save_frames((np.full((3, 4), shade, np.uint8) for shade in (0, 99)), file, format="webp")
    >>> [frame.info["duration"] for frame in each_frame(file.getvalue())]
    [100.0, 100.0]
    """
    storage = Storage(quality=quality, strip=strip)
    check_times(duration, loop)
    suffix = _suffix(target, format)
    _check_kind(target)
    if format is not None and suffix not in ANIMATIONS:
        format_of("", format)  # formats that a single frame may have
    coming = elements("frames", frames)
    begin = list(islice(coming, 2))
    if not begin:
        raise ImageValueError("frames is empty; expected at least one frame")
    if len(begin) == 1 and suffix != ".gif":
        form = "png" if suffix == ".apng" else format
        save.save(begin[0], target, format=form, quality=quality, strip=strip)
        return
    name = check_format(target, format=format)
    check_storage(storage, name)
    with frame_spool.opened(name) as spool:
        for frame in chain(begin, coming):
            spool.add(save.as_picture(frame))
        data, lost = _encoded(spool, name, storage, duration, loop)
    save.deliver(data, target, lost)


def check_format(target: save.Target, *, format: str | None = None) -> str:
    """Check, before any work is done, that the format holds several frames; return its name."""
    _check_kind(target)
    if isinstance(target, (str, os.PathLike)):
        check_place(os.fsdecode(target))
    name = ANIMATIONS.get(_suffix(target, format))
    if name is None:
        asked = repr(_named(target)) if format is None else f"format={shown(format)}"
        raise UnsupportedFormatError(
            f"{asked} names no format of several frames; expected one of {', '.join(ANIMATIONS)}"
        )
    return name


def _check_kind(target: save.Target) -> None:
    path = isinstance(target, (str, os.PathLike))
    if not path and (not hasattr(target, "write") or isinstance(target, io.TextIOBase)):
        raise OptionTypeError(
            f"target is {type_of(target)}; expected a path or a file in binary mode"
        )


def _named(target: save.Target) -> str:
    """Return the path of the target, or the name of the file if it has one."""
    if isinstance(target, (str, os.PathLike)):
        return os.fsdecode(target)
    return str(getattr(target, "name", ""))


def _suffix(target: save.Target, format: str | None) -> str:
    """Return the extension that decides on the format, in lower case."""
    if format is not None:
        check_name(format, tuple(ANIMATIONS))
    return (f".{format}" if format is not None else Path(_named(target)).suffix).lower()


def _encoded(
    spool: Spool, name: str, storage: Storage, duration: float | None, loop: int | None
) -> tuple[bytes, list[str]]:
    keyed = name == "GIF" and spool.mode.endswith("A")
    sequence = _sequence(spool, KEYED if keyed else spool.mode)
    sequence.info = dict(spool.infos[0])
    settings, lost = pillow_settings(sequence, name, storage) if name != "GIF" else ({}, [])
    sequence.info = {}
    if name != "TIFF":
        if len(spool.sizes) > 1:
            raise EncodeError(
                f"{name} frames have {len(spool.sizes)} sizes; an animation has one: use TIFF, or "
                "give a cutout a canvas in pixels"
            )
        settings |= _timing(spool.infos, name, duration, loop)
    if keyed:
        settings |= {"disposal": 2, "transparency": CLEAR, "optimize": False}
    file = io.BytesIO()
    with encoding("this animation", name):
        if name == "TIFF":
            pages: Iterator[Any] = (spool.page(index) for index in range(len(spool)))
            return tiff.encode(pages, settings), lost
        if spool.deep:
            return deep_animation.encode(spool, settings), lost
        sequence.save(file, format=name, save_all=True, **settings)
    return file.getvalue(), lost


def _timing(
    infos: Sequence[Mapping[Any, Any]], name: str, duration: float | None, loop: int | None
) -> dict[str, Any]:
    """Return Pillow's settings for the times of the frames and the number of plays."""
    if duration is None:
        durations = [info.get("duration", _DURATION) for info in infos]
    else:
        durations = [duration] * len(infos)
    plays = infos[0].get("loop", 0) if loop is None else loop
    if name != "GIF":
        return {"duration": durations, "loop": plays}
    if plays == 1:  # GIF counts repetitions; without a count it plays once
        return {"duration": durations}
    return {"duration": durations, "loop": max(0, plays - 1)}


def _sequence(spool: Spool, mode: str) -> Image.Image:
    """Return all frames as one Pillow image, which loads each frame when Pillow reaches it."""
    from PIL import Image

    class Sequence(Image.Image):
        n_frames = len(spool)
        is_animated = True

        def __init__(self) -> None:
            super().__init__()
            self._at = -1
            self.seek(0)

        def seek(self, frame: int) -> None:
            if not 0 <= frame < len(spool):
                raise EOFError
            if frame != self._at:
                info = self.info
                self.__dict__.update(spool.frame(frame, mode).__dict__)
                self.info, self._at = info, frame

        def tell(self) -> int:
            return self._at

    return Sequence()
