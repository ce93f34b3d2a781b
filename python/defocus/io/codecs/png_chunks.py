"""The chunks of PNG files (PNG specification, third edition, clause 5)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

__all__ = ["SIGNATURE", "Chunk", "chunks", "content", "packed"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks that the pixels depend on: a wrong checksum is an error.
_CRITICAL = (b"IHDR", b"IDAT", b"tRNS", b"acTL", b"fcTL", b"fdAT")


class Chunk(NamedTuple):
    """Where the content of a chunk lies in a file; `whole` is False if it is truncated."""

    name: bytes
    start: int
    length: int
    whole: bool


def chunks(file: IO[bytes], start: int = 0) -> Iterator[Chunk]:
    """Yield the chunks up to IEND of the PNG that begins at `start`.

    The last chunk of a truncated file is cut short.
    """
    end = file.seek(0, 2)
    place = start + len(SIGNATURE)
    while place + 8 <= end:
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        yield Chunk(name, place + 8, min(length, end - place - 8), place + 12 + length <= end)
        if name == b"IEND":
            return
        place += 12 + length


def content(file: IO[bytes], chunk: Chunk) -> bytes:
    """Return the content of a chunk, or nothing if it is damaged and not needed.

    Raises ValueError if it is damaged and needed.
    """
    file.seek(chunk.start)
    held = file.read(chunk.length)
    check = file.read(4)
    if chunk.whole and zlib.crc32(held, zlib.crc32(chunk.name)) != int.from_bytes(check, "big"):
        if chunk.name in _CRITICAL:
            raise ValueError(f"the PNG is damaged: chunk {chunk.name!r} has a wrong checksum")
        return b""
    return held


def packed(name: bytes, held: bytes) -> bytes:
    """Return a chunk as it is stored."""
    check = zlib.crc32(held, zlib.crc32(name))
    return b"".join((len(held).to_bytes(4, "big"), name, held, check.to_bytes(4, "big")))
