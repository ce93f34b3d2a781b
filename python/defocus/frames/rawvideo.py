"""Reads and writes raw frames in pipes, as `ffmpeg -f rawvideo` does."""

from __future__ import annotations

import io
import re
import select
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from defocus.errors import DecodeError, OptionError, OutputError

__all__ = ["IN_FLIGHT", "parse_size", "read", "write"]

Frame = NDArray[np.uint8]

CHANNELS = {"rgb24": 3, "rgba": 4}
_LARGEST = 1 << 28  # pixels; a mistyped size should not allocate all memory
# Number of buffers, used in turn: one more than the frames that `defocus.video` may hold.
IN_FLIGHT = 6


def parse_size(text: str) -> tuple[int, int]:
    """(width, height) from text like 1280x720.  Raises OptionError.

    >>> parse_size("1280x720")
    (1280, 720)
    """
    found = re.fullmatch(r"([0-9]{1,9})[xX]([0-9]{1,9})", text)
    width, height = map(int, found.groups()) if found else (0, 0)
    if not 0 < width * height <= _LARGEST:
        raise OptionError(f"size {text!r} is not valid; expected WxH in pixels, such as 1280x720")
    return width, height


def read(file: io.RawIOBase, size: tuple[int, int], pixels: str = "rgb24") -> Iterator[Frame]:
    """The frames in `file`, of `size` (width, height): uint8 H x W x 3, views of reused buffers.

    `pixels` is "rgb24" or "rgba", whose fourth byte is ignored.  A frame is overwritten after
    IN_FLIGHT further frames.  Raises OptionError for other `pixels`.  Raises DecodeError if there
    is no frame, or if the stream ends within a frame.
    """
    if pixels not in CHANNELS:
        raise OptionError(f"pixels {pixels!r} is unknown; expected {' or '.join(CHANNELS)}")
    width, height = size
    channels = CHANNELS[pixels]
    return _frames(file, np.empty((IN_FLIGHT, height, width, channels), np.uint8), pixels)


def _frames(file: io.RawIOBase, buffers: Frame, pixels: str) -> Iterator[Frame]:
    count = 0
    while True:
        frame = buffers[count % IN_FLIGHT]
        filled = _fill(file, frame.reshape(-1).data)
        if filled < frame.size:
            break
        count += 1
        yield frame[..., :3]
    if filled or not count:
        height, width = frame.shape[:2]
        place = f"ends within frame {count + 1}" if count or filled else "is empty"
        raise DecodeError(
            f"the stream {place}: {filled} of the {frame.size} bytes of {width}x{height} {pixels}; "
            f"the {count} frames before it are complete; check the size and pixel format of the "
            "input"
        )


def _fill(file: io.RawIOBase, buffer: memoryview) -> int:
    filled = 0
    while filled < len(buffer):
        try:
            taken = file.readinto(buffer[filled:])
            if taken is None:  # another process has made the pipe non-blocking
                select.select([file], [], [])
                continue
        except OSError as error:
            raise DecodeError(f"the stream cannot be read ({error}); check the input") from error
        if not taken:
            break
        filled += taken
    return filled


def write(file: io.RawIOBase, frame: Frame) -> None:
    """Write all bytes of a frame.  Raises OutputError."""
    rest: memoryview = np.ascontiguousarray(frame).reshape(-1).data
    try:
        while rest:
            taken = file.write(rest)
            if taken is None:  # another process has made the pipe non-blocking
                select.select([], [file], [])
            rest = rest[taken or 0 :]
    except OSError as error:
        raise OutputError(f"a frame could not be written ({error}); check the reader") from error
