"""Pictures of several frames or pages: every one of them in, every one of them out."""

from __future__ import annotations

import io
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from defocus import colour_out, decode, encode, transparency
from defocus.errors import (
    EncodeError,
    ImageValueError,
    OptionError,
    OptionTypeError,
    UnsupportedFormatError,
)
from defocus.files import check_place, write_file, write_path
from defocus.formats import pillow_settings
from defocus.storage import Storage, Strip

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["FORMATS", "check_format", "each_frame", "save_frames"]

# By Pillow's names.  In a TIFF they are pages, without time.
FORMATS = {".gif": "GIF", ".png": "PNG", ".apng": "PNG", ".webp": "WEBP", ".tif": "TIFF"}
FORMATS[".tiff"] = "TIFF"
_KEYED, _CLEAR = "P", 255  # the mode of a GIF's frames with alpha, and their clear colour
_DURATION = 100.0  # milliseconds, where nobody says


def each_frame(source: decode.Source, *, max_pixels: int | None = None) -> Iterator[Image.Image]:
    """Give the frames of an animation, or the pages of a TIFF, one after the other.

    `source` and `max_pixels`, which counts for each frame, are those of `portrait`; a picture of
    one frame gives that.  Each is a PIL image of its own, upright, whole (not only what changed),
    with its time in milliseconds as `info["duration"]` and, as `info["loop"]`, how often the
    animation is played, 0 for ever.  Only one of them is in memory at a time.

    Raises what `portrait` raises for a bad image, when it comes to it.

    >>> import io
    >>> from PIL import Image
    >>> file, shades = io.BytesIO(), [Image.new("L", (4, 3), shade) for shade in (0, 99)]
    >>> shades[0].save(file, "GIF", save_all=True, append_images=shades[1:], duration=40, loop=0)
    >>> [(frame.size, frame.info["duration"]) for frame in each_frame(file.getvalue())]
    [((4, 3), 40.0), ((4, 3), 40.0)]
    """
    for photo in decode.frames(source, max_pixels=max_pixels):
        pixels = photo.pixels
        if photo.alpha is not None:
            pixels = transparency.with_alpha(pixels, photo.alpha)
        frame: Any = encode.to_output(pixels, photo)
        yield frame


def save_frames(
    frames: Iterable[Image.Image | NDArray[np.uint8]],
    target: encode.Target,
    *,
    format: str | None = None,
    duration: float | None = None,
    loop: int | None = None,
    quality: int | None = None,
    strip: Strip = "none",
) -> None:
    """Store frames as one animation (GIF, PNG, WebP), or as the pages of a TIFF.

    `frames` may be a generator: one frame at a time is in memory, the others wait, compressed, in
    a temporary file (Pillow's GIF and PNG encoders gather what changes from frame to frame).  They
    are what `save` takes, for an animation of one size.  `target`, `format`, `quality` (of WebP)
    and `strip` are those of `save`, and so are errors; "gif" is a format here, of 256 colours a
    frame.  `duration` is the time of a frame in milliseconds, `loop` how often all are played (0
    for ever); by default both are what the frames' `info` says, as that of `each_frame` does and
    of what `portrait` and `cutout` make from it, else 100 and 0.  Colour profile, EXIF, XMP and
    resolution are those of the first frame.  A single frame is stored as `save` does, in
    any of its formats, or as a GIF.

    >>> import io
    >>> file = io.BytesIO()
    >>> save_frames((np.full((3, 4), shade, np.uint8) for shade in (0, 99)), file, format="webp")
    >>> [frame.info["duration"] for frame in each_frame(file.getvalue())]
    [100.0, 100.0]
    """
    storage = Storage(quality=quality, strip=strip)
    for name, value in (("duration", duration), ("loop", loop)):
        _check_not_negative(name, value)
    coming = iter(frames)
    begin = list(islice(coming, 2))
    if not begin:
        raise ImageValueError("frames holds no frame; expected at least one")
    suffix = _suffix(target, format)
    if len(begin) == 1 and suffix != ".gif":
        form = "png" if suffix == ".apng" else format
        encode.save(begin[0], target, format=form, quality=quality, strip=strip)
        return
    name = check_format(target, format=format)
    storage.check_for(name)
    with tempfile.TemporaryFile() as file:
        spool = _Spool(file, name)
        for frame in chain(begin, coming):
            spool.add(encode.as_picture(frame))
        data = _encoded(spool, name, storage, duration, loop)
    if isinstance(target, (str, os.PathLike)):
        write_path(os.fsdecode(target), data)
    else:
        write_file(target, data)


def check_format(target: encode.Target, *, format: str | None = None) -> str:
    """Refuse, before any work is done, what cannot hold several frames; give the format's name."""
    if isinstance(target, (str, os.PathLike)):
        check_place(os.fsdecode(target))
    elif not hasattr(target, "write") or isinstance(target, io.TextIOBase):
        raise OptionTypeError(
            f"target is a {type(target).__name__}; expected a path or a file in binary mode"
        )
    name = FORMATS.get(_suffix(target, format))
    if name is None:
        asked = repr(_named(target)) if format is None else f"format={format!r}"
        raise UnsupportedFormatError(
            f"{asked} names no format of several frames; expected one of {', '.join(FORMATS)}"
        )
    return name


def _named(target: encode.Target) -> str:
    """What the target is called: a path, or a file's name if it has one."""
    if isinstance(target, (str, os.PathLike)):
        return os.fsdecode(target)
    return str(getattr(target, "name", ""))


def _suffix(target: encode.Target, format: str | None) -> str:
    """The extension that decides about the format, in lower case."""
    return (f".{format}" if format is not None else Path(_named(target)).suffix).lower()


def _check_not_negative(name: str, value: object) -> None:
    if value is None:
        return
    expected = "expected 0 or more"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise OptionTypeError(f"{name}={value!r} is a {type(value).__name__}; {expected}")
    if not 0 <= value < 1 << 24:
        raise OptionError(f"{name}={value!r} is out of range; {expected}")


class _Spool:
    """Frames in a file, one after the other."""

    def __init__(self, file: IO[bytes], form: str) -> None:
        self._file, self._form = file, form
        self._places: list[tuple[str, tuple[int, int], int, int]] = []
        self.infos: list[dict[Any, Any]] = []

    def add(self, frame: Image.Image) -> None:
        from defocus.deep_image import samples_of

        if samples_of(frame) is not None:
            raise EncodeError(
                "frames have 16 bits a sample, which are stored in files of their own only; give"
                " each to save, or scale them to 8 bits first"
            )
        frame = colour_out.fitting(frame, self._form, several=True)
        if frame.mode not in ("L", "LA", "RGB", "RGBA"):
            frame = frame.convert("RGBA" if frame.has_transparency_data else "RGB")
        data = zlib.compress(frame.tobytes(), 1)
        self._places.append((frame.mode, frame.size, self._file.tell(), len(data)))
        self._file.write(data)
        self.infos.append(dict(frame.info))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def sizes(self) -> set[tuple[int, int]]:
        return {size for _, size, _, _ in self._places}

    @property
    def mode(self) -> str:
        """The one that holds all frames."""
        modes = {mode for mode, _, _, _ in self._places}
        alpha = "A" if any(mode.endswith("A") for mode in modes) else ""
        return ("L" if modes <= {"L", "LA"} else "RGB") + alpha

    def frame(self, index: int, mode: str) -> Image.Image:
        from PIL import Image

        stored, size, place, length = self._places[index]
        self._file.seek(place)
        data = zlib.decompress(self._file.read(length))
        frame = Image.frombytes(stored, size, data)
        if mode == _KEYED:
            return _keyed(frame.convert("RGBA"))
        return frame if stored == mode else frame.convert(mode)


def _keyed(frame: Image.Image) -> Image.Image:
    """255 colours, and one for what is more transparent than not."""
    hidden = frame.getchannel("A").point([255] * 128 + [0] * 128)
    colours = frame.convert("RGB").quantize(_CLEAR)
    colours.paste(_CLEAR, mask=hidden)
    return colours


def _encoded(
    spool: _Spool, name: str, storage: Storage, duration: float | None, loop: int | None
) -> bytes:
    keyed = name == "GIF" and spool.mode.endswith("A")
    sequence = _sequence(spool, _KEYED if keyed else spool.mode)
    first = spool.infos[0]
    sequence.info = dict(first)
    settings = pillow_settings(sequence, name, storage) if name != "GIF" else {}
    sequence.info = {}
    if name != "TIFF":
        if len(spool.sizes) > 1:
            raise EncodeError(f"{name} frames have {len(spool.sizes)} sizes; an animation has one")
        settings["duration"] = [
            info.get("duration", _DURATION) if duration is None else duration
            for info in spool.infos
        ]
        plays = first.get("loop", 0) if loop is None else loop
        if name != "GIF":
            settings["loop"] = plays
        elif plays != 1:  # GIF counts repetitions, and without a count plays once
            settings["loop"] = max(0, plays - 1)
    if keyed:
        settings |= {"disposal": 2, "transparency": _CLEAR, "optimize": False}
    file = io.BytesIO()
    try:
        sequence.save(file, format=name, save_all=True, **settings)
    except Exception as error:  # Pillow's encoders raise of every kind
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EncodeError(f"these frames cannot become {name}: {reason}") from error
    return file.getvalue()


def _sequence(spool: _Spool, mode: str) -> Image.Image:
    """All frames as one image of Pillow's, which reads each as it comes to it."""
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
