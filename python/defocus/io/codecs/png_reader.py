"""The pixels of PNG files with 16 bits per sample, which Pillow would cut to 8 without an error.

PNG specification, third edition.  The size in the header bounds the decompressed data.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.io.codecs.png_chunks import SIGNATURE, Chunk, chunks, content, packed
from defocus.pixels.samples import Samples16

__all__ = ["DeepPng", "read"]

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # by colour type, of those that may have 16 bits
_BAND = 1 << 20  # bytes
_MOST_CHUNKS = 1 << 18
# Clause 8.1: column and row at which each pass of an interlaced picture begins, and its steps.
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_WHOLE = ((0, 0, 1, 1),)
# Chunks that describe these pixels or frames.
_OF_PIXELS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}


class DeepPng(NamedTuple):
    """The content of a 16-bit PNG except its pixels.

    `size` is its width and height.  `channels` is the number of samples of a pixel: 1 (grey), 2
    (grey and alpha), 3 (RGB) or 4 (RGBA).  `transparent` is the one transparent colour of an image
    without alpha.  `rest` is a PNG of one pixel with all other chunks of the file, for Pillow to
    read.  `chunks` are all chunks of the file.
    """

    size: tuple[int, int]
    channels: int
    interlaced: bool
    transparent: tuple[int, ...] | None
    rest: bytes
    chunks: tuple[Chunk, ...]

    def pixels(self, file: IO[bytes]) -> Samples16:
        """Return the image, uint16 height x width x channels, and alpha if it has any.

        Raises ValueError or zlib.error if it is damaged or truncated.
        """
        data = (content(file, chunk) for chunk in self.chunks if chunk.name == b"IDAT")
        return self.decoded(data, self.size)

    def decoded(self, data: Iterable[bytes], size: tuple[int, int]) -> Samples16:
        """Return the image of `size` (width, height) from its compressed pieces."""
        inflated = _Inflated(iter(data))
        samples = np.empty((size[1], size[0], self.channels), np.uint16)
        for left, top, across, down in _PASSES if self.interlaced else _WHOLE:
            _fill(samples[top::down, left::across], inflated)
        inflated.check_end()
        if self.transparent is None:
            return samples
        opaque = (samples != np.array(self.transparent, np.uint16)).any(axis=2)
        return np.dstack([samples, opaque.astype(np.uint16) * np.uint16(65535)])

    @property
    def planes(self) -> int:
        """The number of samples of a decoded pixel."""
        return self.channels + (self.transparent is not None)


def read(file: IO[bytes], size: tuple[int, int]) -> DeepPng:
    """Read everything except the pixels of a 16-bit PNG with `size` (width, height).

    The file is at its start.  Raises ValueError if it is damaged.
    """
    found = tuple(islice(chunks(file), _MOST_CHUNKS + 1))
    if len(found) > _MOST_CHUNKS:
        raise ValueError(f"the PNG has more than {_MOST_CHUNKS} chunks")
    header = content(file, found[0]) if found and found[0].name == b"IHDR" else b""
    channels, interlaced = _described(header, size)
    others = {
        chunk: content(file, chunk)
        for chunk in found
        if chunk.whole and (chunk.name not in _OF_PIXELS or chunk.name == b"tRNS")
    }
    transparent = None
    for chunk, held in others.items():
        if chunk.name == b"tRNS" and channels in (1, 3) and len(held) == 2 * channels:
            transparent = struct.unpack(f">{channels}H", held)
    rest = _rest(header, others)
    return DeepPng(size, channels, interlaced, transparent, rest, found)


def _described(header: bytes, size: tuple[int, int]) -> tuple[int, bool]:
    """Return the number of channels, and whether the image is interlaced."""
    if len(header) != 13:
        raise ValueError("the PNG is damaged: it has no header")
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if (width, height) != size or bits != 16 or colour not in _CHANNELS or interlaced > 1:
        raise ValueError("the PNG is damaged: its header is not that of a 16-bit image")
    return _CHANNELS[colour], bool(interlaced)


class _Inflated:
    """The decompressed bytes of one stream in several pieces, never more than requested."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = zlib.decompressobj()
        self._waiting = b""

    def take(self, count: int) -> bytearray:
        """Return the next `count` bytes."""
        out = bytearray()
        while len(out) < count:
            made = self._decoder.decompress(self._waiting, count - len(out))
            self._waiting = self._decoder.unconsumed_tail
            out += made
            if made or self._waiting:
                continue
            self._waiting = b"" if self._decoder.eof else next(self._pieces, b"")
            if not self._waiting:
                raise ValueError("the PNG is truncated: it ends before its pixels do")
        return out

    def check_end(self) -> None:
        """Let zlib compare its checksum, which follows the last byte."""
        while not self._decoder.eof:
            data = self._waiting or next(self._pieces, b"")
            if not data or self._decoder.decompress(data, 64):
                return  # truncated after the pixels, or more data than the image needs
            self._waiting = self._decoder.unconsumed_tail


def _fill(samples: Samples16, data: _Inflated) -> None:
    """Fill the samples of one pass, in bands of rows."""
    height, width, channels = samples.shape
    if height == 0 or width == 0:
        return
    pixel = 2 * channels
    length = pixel * width
    above: NDArray[np.uint8] = np.zeros(length, np.uint8)
    rows = max(1, _BAND // length)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        filtered = np.frombuffer(data.take(count * (length + 1)), np.uint8)
        plain = _native.unfilter_png(filtered.reshape(count, length + 1), above, pixel)
        above = plain[-1]
        samples[top : top + count] = plain.view(">u2").reshape(count, width, channels)


def _rest(header: bytes, others: dict[Chunk, bytes]) -> bytes:
    pixels = zlib.compress(bytes(1 + 8))  # the largest size of one pixel
    first = struct.pack(">II", 1, 1) + header[8:12] + b"\0"
    parts = [(b"IHDR", first)]
    parts += [(c.name, held) for c, held in others.items() if c.name != b"tRNS" and held]
    parts += [(b"IDAT", pixels), (b"IEND", b"")]
    return SIGNATURE + b"".join(packed(name, held) for name, held in parts)
