"""The pixels of PNG files of 16 bits a sample, which Pillow would cut to 8 without a word.

PNG specification, third edition.  What is decompressed is bounded by the size in the header.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from defocus import _native
from defocus.words import Words

__all__ = ["DeepPng", "read"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of the colour types that have 16 bits
_BAND = 1 << 20  # bytes
# Clause 8.1: column and row at which each pass of an interlaced picture begins, and its steps.
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_WHOLE = ((0, 0, 1, 1),)
# Chunks that are about these pixels, or about frames.
_OF_PIXELS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}


@dataclass(frozen=True)
class DeepPng:
    """What a 16-bit PNG holds.

    `samples` is uint16 H x W x C: grey, grey and alpha, RGB or RGBA.  `transparent` is the one
    colour, of C samples, that is transparent in a picture without alpha.  `rest` is a PNG of one
    pixel with everything else of the file, moved before it, for Pillow to read.
    """

    samples: Words
    transparent: tuple[int, ...] | None
    rest: bytes


@dataclass(frozen=True)
class _Chunk:
    name: bytes
    start: int
    length: int
    whole: bool


def read(file: IO[bytes], size: tuple[int, int]) -> DeepPng:
    """Read a PNG of 16 bits a sample, at whose start the file is, of that width and height.

    Raises ValueError or zlib.error where it is damaged or ends too early.
    """
    chunks = list(_chunks(file))
    header = _content(file, chunks[0]) if chunks and chunks[0].name == b"IHDR" else b""
    if len(header) != 13:
        raise ValueError("the PNG is damaged: it has no header")
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if (width, height) != size or bits != 16 or colour not in _CHANNELS or interlaced > 1:
        raise ValueError("the PNG is damaged: its header is not that of a 16-bit picture")
    channels = _CHANNELS[colour]
    data = _Inflated(_content(file, chunk) for chunk in chunks if chunk.name == b"IDAT")
    samples = np.empty((height, width, channels), np.uint16)
    for left, top, across, down in _PASSES if interlaced else _WHOLE:
        _fill(samples[top::down, left::across], data)
    data.check_end()
    others = {
        chunk: _content(file, chunk)
        for chunk in chunks
        if chunk.whole and (chunk.name not in _OF_PIXELS or chunk.name == b"tRNS")
    }
    transparent = None
    for chunk, content in others.items():
        if chunk.name == b"tRNS" and channels in (1, 3) and len(content) == 2 * channels:
            transparent = struct.unpack(f">{channels}H", content)
    return DeepPng(samples, transparent, _rest(header, others))


def _chunks(file: IO[bytes]) -> Iterator[_Chunk]:
    """Where the chunks lie, the last of them perhaps cut short."""
    end = file.seek(0, 2)
    place = len(_SIGNATURE)
    while place + 8 <= end:
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        yield _Chunk(name, place + 8, min(length, end - place - 8), place + 12 + length <= end)
        if name == b"IEND":
            return
        place += 12 + length


def _content(file: IO[bytes], chunk: _Chunk) -> bytes:
    file.seek(chunk.start)
    content = file.read(chunk.length)
    check = file.read(4)
    if chunk.whole and zlib.crc32(content, zlib.crc32(chunk.name)) != int.from_bytes(check, "big"):
        if chunk.name in (b"IHDR", b"IDAT", b"tRNS"):
            raise ValueError(f"the PNG is damaged: chunk {chunk.name!r} has a wrong checksum")
        return b""
    return content


class _Inflated:
    """The decompressed bytes of several pieces of one stream, never more than are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = zlib.decompressobj()
        self._waiting = b""

    def take(self, count: int) -> bytearray:
        """The next `count` bytes."""
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
        """Have zlib compare its checksum, which follows the last byte."""
        while not self._decoder.eof:
            data = self._waiting or next(self._pieces, b"")
            if not data or self._decoder.decompress(data, 64):
                return  # cut off behind the pixels, or more than the picture needs
            self._waiting = self._decoder.unconsumed_tail


def _fill(samples: Words, data: _Inflated) -> None:
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


def _rest(header: bytes, others: dict[_Chunk, bytes]) -> bytes:
    pixels = zlib.compress(bytes(1 + 8))  # as much as one pixel ever has
    first = struct.pack(">II", 1, 1) + header[8:12] + b"\0"
    parts = [(b"IHDR", first)]
    parts += [(c.name, content) for c, content in others.items() if c.name != b"tRNS" and content]
    parts += [(b"IDAT", pixels), (b"IEND", b"")]
    return _SIGNATURE + b"".join(
        len(content).to_bytes(4, "big")
        + name
        + content
        + zlib.crc32(content, zlib.crc32(name)).to_bytes(4, "big")
        for name, content in parts
    )
