"""A temporary file that holds compressed frames until all of them are there."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from defocus.forks import unforked
from defocus.io.codecs.codec_errors import encoding
from defocus.io.colour import output_colour
from defocus.pixels.samples import Samples16, like, to_bytes

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["CLEAR", "KEYED", "Spool", "opened"]

KEYED, CLEAR = "P", 255  # the mode of GIF frames with alpha, and the number of their clear colour
_DEEP = ";16"  # suffix of the mode of a frame with 16 bits per sample
_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


class Spool:
    """Frames in a file, one after the other, for a format by Pillow's name.

    16 bits per sample are kept for PNG and TIFF, and rounded to 8 for other formats.
    """

    def __init__(self, file: IO[bytes], form: str) -> None:
        self._file, self._form = file, form
        self._places: list[tuple[str, tuple[int, int], int, int]] = []
        self.infos: list[dict[Any, Any]] = []

    def add(self, frame: Image.Image) -> None:
        """Append a frame."""
        from defocus.io.codecs.deep_image import samples_of

        frame = output_colour.fitting(frame, self._form, several=True)
        samples = samples_of(frame) if self._form in ("PNG", "TIFF") else None
        if samples is not None:
            count = 1 if samples.ndim == 2 else samples.shape[2]
            mode = next(mode for mode in _CHANNELS if _CHANNELS[mode] == count) + _DEEP
            data = np.ascontiguousarray(samples).tobytes()
        else:
            frame = _of_8_bits(frame)
            mode, data = frame.mode, frame.tobytes()
        data = zlib.compress(data, 1)
        self._places.append((mode, frame.size, self._file.tell(), len(data)))
        with encoding("an animation", self._form):
            self._file.write(data)
        self.infos.append(dict(frame.info))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def sizes(self) -> set[tuple[int, int]]:
        """The sizes of the frames."""
        return {size for _, size, _, _ in self._places}

    @property
    def deep(self) -> bool:
        """Whether any frame has 16 bits per sample."""
        return any(mode.endswith(_DEEP) for mode, _, _, _ in self._places)

    @property
    def mode(self) -> str:
        """The mode that holds all frames."""
        modes = {mode.removesuffix(_DEEP) for mode, _, _, _ in self._places}
        alpha = "A" if any(mode.endswith("A") for mode in modes) else ""
        return ("L" if modes <= {"L", "LA"} else "RGB") + alpha

    def frame(self, index: int, mode: str) -> Image.Image:
        """Return a frame with 8 bits per sample, in `mode`."""
        from PIL import Image

        stored, size, data = self._read(index)
        if stored.endswith(_DEEP):
            stored = stored.removesuffix(_DEEP)
            data = to_bytes(np.frombuffer(data, np.uint16)).tobytes()
        frame = Image.frombytes(stored, size, data)
        if mode == KEYED:
            return _keyed(frame.convert("RGBA"))
        return frame if stored == mode else frame.convert(mode)

    def samples(self, index: int, mode: str) -> Samples16:
        """Return a frame as uint16, H x W x C, with the channels of `mode`."""
        stored, size, data = self._read(index)
        plain = stored.removesuffix(_DEEP)
        dtype: type[np.unsignedinteger[Any]] = np.uint8 if plain == stored else np.uint16
        found = np.frombuffer(data, dtype).reshape(size[1], size[0], _CHANNELS[plain])
        samples = np.asarray(like(found, np.dtype(np.uint16)), np.uint16)
        colours = samples[..., : 1 if plain[0] == "L" else 3]
        if mode.startswith("RGB") and colours.shape[2] == 1:
            colours = colours.repeat(3, axis=2)
        if not mode.endswith("A"):
            return colours
        opaque = np.full(colours.shape[:2], 65535, np.uint16)
        alpha = samples[..., -1] if plain.endswith("A") else opaque
        return np.dstack([colours, alpha])

    def page(self, index: int) -> Image.Image | Samples16:
        """Return a frame in the mode and depth that hold all frames."""
        return (self.samples if self.deep else self.frame)(index, self.mode)

    def _read(self, index: int) -> tuple[str, tuple[int, int], bytes]:
        stored, size, place, length = self._places[index]
        with encoding("an animation", self._form):
            self._file.seek(place)
            data = self._file.read(length)
        return stored, size, zlib.decompress(data)


@contextmanager
def opened(form: str) -> Iterator[Spool]:
    """A spool in a temporary file without a name.  Raises OutputError if there is no place."""
    with unforked:
        import tempfile
    with encoding("an animation", form):
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
    try:
        yield Spool(file, form)
    finally:
        with suppress(OSError):  # nobody needs its content any more
            file.close()


def _of_8_bits(frame: Image.Image) -> Image.Image:
    from PIL import Image

    from defocus.io.codecs.deep_image import GREY_MODES

    if frame.mode in GREY_MODES:
        shown = Image.fromarray(to_bytes(np.asarray(frame).astype(np.uint16)))
        shown.info.update(frame.info)
        return shown
    if frame.mode not in _CHANNELS:
        return frame.convert("RGBA" if frame.has_transparency_data else "RGB")
    return frame


def _keyed(frame: Image.Image) -> Image.Image:
    """Reduce a frame to 255 colours, and one for pixels that are at least half transparent."""
    hidden = frame.getchannel("A").point([255] * 128 + [0] * 128)
    colours = frame.convert("RGB").quantize(CLEAR)
    colours.paste(CLEAR, mask=hidden)
    return colours
