"""The frames of animated PNG files with 16 bits per sample (PNG specification, third edition, 4.9).

Pillow cuts them to 8 bits.  As in Pillow, an image without transparency is cleared to black.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np

from defocus.io.codecs.png_chunks import Chunk, content
from defocus.io.codecs.png_reader import DeepPng
from defocus.pixels.samples import Samples16

__all__ = ["Frame", "frames"]

_NONE, _BACKGROUND, _PREVIOUS = 0, 1, 2  # the disposal of a frame's region after it was shown
_SOURCE, _OVER = 0, 1  # the blending of a frame with the canvas
_BAND = 1 << 18  # pixels blended at a time
_FULL = 65535


class Frame(NamedTuple):
    """The complete canvas while a frame is shown, uint16 H x W x C, and its time in milliseconds.

    `plays` is the number of plays of the animation, 0 for endless.
    """

    samples: Samples16
    duration: float
    plays: int


class _Control(NamedTuple):
    """The content of an fcTL chunk, and the chunks with the frame's pixels."""

    left: int
    top: int
    size: tuple[int, int]
    duration: float
    disposal: int
    over: bool
    data: list[Chunk]


def frames(png: DeepPng, file: IO[bytes]) -> Iterator[Frame]:
    """Yield every frame of the animation, in order; an image without animation has none.

    A separate image for readers without animations is skipped.  Raises ValueError or zlib.error for
    a damaged file.
    """
    count, plays = _count(png, file)
    width, height = png.size
    canvas: Samples16 = np.zeros((height, width, png.planes), np.uint16)
    coming = _controls(png, file)
    for index in range(count):
        control = next(coming, None)
        if control is None:
            raise ValueError(f"the PNG is truncated: it has {index} of {count} frames")
        across, down = control.size
        place = canvas[control.top : control.top + down, control.left : control.left + across]
        before = place.copy() if control.disposal == _PREVIOUS and index else None
        part = png.decoded(_pieces(control, file), control.size)
        if control.over:
            _put_over(place, part)
        else:
            place[...] = part
        yield Frame(canvas.copy(), control.duration, plays)
        if before is not None:
            place[...] = before
        elif control.disposal != _NONE:
            place[...] = 0


def _count(png: DeepPng, file: IO[bytes]) -> tuple[int, int]:
    """Return the number of frames and the number of plays."""
    for chunk in png.chunks:
        if chunk.name == b"acTL" and chunk.length == 8:
            count, plays = struct.unpack(">II", content(file, chunk))
            return count, plays
    return 0, 0


def _controls(png: DeepPng, file: IO[bytes]) -> Iterator[_Control]:
    """Yield the descriptions of the frames; their sequence numbers must increase by one."""
    number, current = 0, None
    for chunk in png.chunks:
        if chunk.name not in (b"fcTL", b"fdAT", b"IDAT"):
            continue
        if chunk.name != b"IDAT":
            if chunk.length < 4:
                raise ValueError(f"the PNG is damaged: chunk {chunk.name!r} is cut short")
            file.seek(chunk.start)
            (stated,) = struct.unpack(">I", file.read(4))
            if stated != number:
                raise ValueError(f"the PNG is damaged: part {number} of its frames has {stated}")
            number += 1
        if chunk.name == b"fcTL":
            if current is not None:
                yield current
            current = _control(content(file, chunk), png.size)
        elif current is not None:
            current.data.append(chunk)
    if current is not None:
        yield current


def _control(held: bytes, size: tuple[int, int]) -> _Control:
    if len(held) != 26:
        raise ValueError("the PNG is damaged: a frame's description is cut short")
    _, width, height, left, top, time, parts, disposal, blend = struct.unpack(">5IHHBB", held)
    if not (0 < width <= size[0] - left and 0 < height <= size[1] - top):
        raise ValueError("the PNG is damaged: a frame lies outside the picture")
    if disposal > _PREVIOUS or blend > _OVER:
        raise ValueError("the PNG is damaged: a frame has an unknown disposal or blending")
    duration = 1000.0 * time / (parts or 100)
    return _Control(left, top, (width, height), duration, disposal, blend == _OVER, [])


def _pieces(control: _Control, file: IO[bytes]) -> Iterator[bytes]:
    for chunk in control.data:
        held = content(file, chunk)
        yield held if chunk.name == b"IDAT" else held[4:]


def _put_over(place: Samples16, part: Samples16) -> None:
    """Blend a part over the canvas; it has straight alpha, or replaces the canvas."""
    if part.shape[2] not in (2, 4):
        place[...] = part
        return
    rows = max(1, _BAND // part.shape[1])
    for top in range(0, part.shape[0], rows):
        below = place[top : top + rows]
        below[...] = _mixed(below, part[top : top + rows])


def _mixed(below: Samples16, above: Samples16) -> Samples16:
    """Blend over a canvas that may be transparent: alpha and straight colours (clause 13.16)."""
    a, b = above[..., -1:] / _FULL, below[..., -1:] / _FULL
    under = b * (1 - a)
    alpha = a + under
    colours = above[..., :-1] * a + below[..., :-1] * under
    mixed = np.concatenate([colours / np.where(alpha > 0, alpha, 1), alpha * _FULL], axis=2)
    return np.asarray(np.rint(mixed), np.uint16)
