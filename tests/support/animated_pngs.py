"""Animated PNG files, written here with every choice that the format has."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from deep_files import PASSES, chunk

Samples = NDArray[Any]
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
NONE, BACKGROUND, PREVIOUS = 0, 1, 2
SOURCE, OVER = 0, 1


@dataclass
class Part:
    """One frame: samples of 8 or 16 bits, H x W x C, and where and how they are put."""

    samples: Samples
    left: int = 0
    top: int = 0
    disposal: int = NONE
    blend: int = SOURCE
    time: tuple[int, int] = (1, 25)


def compressed(samples: Samples, interlaced: bool) -> bytes:
    rows = b""
    for left, top, across, down in PASSES if interlaced else [(0, 0, 1, 1)]:
        reduced = samples[top::down, left::across]
        if reduced.size:
            for row in reduced.astype(samples.dtype.newbyteorder(">")):
                rows += b"\0" + row.tobytes()
    return zlib.compress(rows)


def animated(
    parts: list[Part],
    size: tuple[int, int],
    *,
    plays: int = 0,
    default: Samples | None = None,
    interlaced: bool = False,
    before: bytes = b"",
    count: int | None = None,
) -> bytes:
    """The file; `default` is a picture for those who know no animations."""
    first = parts[0].samples
    kind, bits = _COLOUR_TYPES[first.shape[2]], 8 * first.dtype.itemsize
    out = [b"\x89PNG\r\n\x1a\n"]
    out.append(chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, interlaced)))
    out += [chunk(b"acTL", struct.pack(">II", count or len(parts), plays)), before]
    number, stored = 0, default is not None
    if default is not None:
        out.append(chunk(b"IDAT", compressed(default, interlaced)))
    for part in parts:
        height, width = part.samples.shape[:2]
        described = (number, width, height, part.left, part.top, *part.time)
        content = struct.pack(">5IHHBB", *described, part.disposal, part.blend)
        out.append(chunk(b"fcTL", content))
        number += 1
        data = compressed(part.samples, interlaced)
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            if stored:
                out.append(chunk(b"fdAT", struct.pack(">I", number) + piece))
                number += 1
            else:
                out.append(chunk(b"IDAT", piece))
        stored = True
    return b"".join([*out, chunk(b"IEND", b"")])
