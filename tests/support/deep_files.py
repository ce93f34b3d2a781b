"""Files of 16 bits a sample, written here: independent of the package's own writers."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Samples16 = NDArray[np.uint16]
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
# Column, row and steps of the seven passes.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
PASSES += [(0, 1, 1, 2)]


def picture(height: int = 23, width: int = 31, channels: int = 3) -> Samples16:
    """Smooth and noisy parts, of which no two samples are likely to be alike."""
    rng = np.random.default_rng(8)
    y, x, c = np.mgrid[:height, :width, :channels]
    smooth = 30000 + 900 * y - 700 * x + 5000 * c
    noisy = smooth + rng.integers(-2000, 2000, smooth.shape) * (x > width // 2)
    return np.asarray(np.clip(noisy, 0, 65535), np.uint16)


def chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def _filtered(samples: Samples16, first: int) -> bytes:
    """Rows with all five filters in turn (PNG specification, clause 9), the slow way."""
    height, _, channels = samples.shape
    pixel, out = 2 * channels, b""
    above = np.zeros(samples[0].size * 2, int)
    for row in range(height):
        line = np.frombuffer(samples[row].astype(">u2").tobytes(), np.uint8).astype(int)
        left = np.concatenate([np.zeros(pixel, int), line[:-pixel]])
        corner = np.concatenate([np.zeros(pixel, int), above[:-pixel]])
        guess = left + above - corner
        far = np.abs(guess - np.stack([left, above, corner]))
        nearest = np.choose(np.argmin(far, axis=0), [left, above, corner])
        kind = (first + row) % 5
        predicted = (0 * line, left, above, (left + above) // 2, nearest)[kind]
        out += bytes([kind]) + ((line - predicted) % 256).astype(np.uint8).tobytes()
        above = line
    return out


def png(
    samples: Samples16, *, interlaced: bool = False, before: bytes = b"", after: bytes = b""
) -> bytes:
    """A PNG whose pixels are spread over several chunks."""
    height, width, channels = samples.shape
    kind = _COLOUR_TYPES[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, int(interlaced))
    parts = PASSES if interlaced else [(0, 0, 1, 1)]
    reduced = [samples[top::down, left::across] for left, top, across, down in parts]
    rows = b"".join(_filtered(part, k) for k, part in enumerate(reduced) if part.size)
    data = zlib.compress(rows)
    pieces = [data[i : i + 1000] for i in range(0, len(data), 1000)]
    body = b"".join(chunk(b"IDAT", piece) for piece in pieces)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            before,
            body,
            after,
            chunk(b"IEND", b""),
        ]
    )


def _compressed(data: bytes, compression: int) -> bytes:
    """A strip's bytes, as Pillow compresses those of a grey picture."""
    if compression == 1:
        return data
    file = io.BytesIO()
    name = {5: "tiff_lzw", 8: "tiff_adobe_deflate", 32773: "packbits"}[compression]
    grey = Image.frombytes("L", (len(data), 1), data)
    grey.save(file, "TIFF", compression=name)
    tags: Any = Image.open(io.BytesIO(file.getvalue())).tag_v2  # type: ignore[attr-defined]
    start, count = tags[273][0], tags[279][0]
    return file.getvalue()[start : start + count]


def tiff(
    samples: Samples16,
    *,
    order: str = "<",
    compression: int = 1,
    predictor: bool = False,
    tile: tuple[int, int] | None = None,
    rows: int = 7,
    planar: bool = False,
    photometric: int | None = None,
    extra: int | None = None,
    tags: dict[int, tuple[int, tuple[int, ...]]] | None = None,
) -> bytes:
    """A TIFF of strips of `rows`, or tiles (width, height); `tags` are further SHORTs (3, ...)."""
    height, width, channels = samples.shape
    planes = [samples[..., c : c + 1] for c in range(channels)] if planar else [samples]
    pieces = []
    across, down = tile or (width, rows)
    for plane in planes:
        for top in range(0, height, down):
            for left in range(0, width, across):
                piece = plane[top : top + down, left : left + across]
                if tile:
                    short = ((0, down - piece.shape[0]), (0, across - piece.shape[1]), (0, 0))
                    piece = np.pad(piece, short)
                if predictor:
                    piece = np.diff(piece, axis=1, prepend=piece.dtype.type(0))
                pieces.append(_compressed(piece.astype(order + "u2").tobytes(), compression))
    place, offsets = 8, []
    for data in pieces:
        offsets.append(place)
        place += len(data)
    colours = 1 if channels < 3 else 3
    entries: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (3, (width,)),
        257: (3, (height,)),
        258: (3, (16,) * channels),
        259: (3, (compression,)),
        262: (3, (1 if colours == 1 else 2 if photometric is None else photometric,)),
        277: (3, (channels,)),
        284: (3, (2 if planar else 1,)),
        317: (3, (2 if predictor else 1,)),
    }
    if photometric is not None:
        entries[262] = (3, (photometric,))
    if extra is not None:
        entries[338] = (3, (extra,))
    counts = tuple(len(data) for data in pieces)
    if tile:
        entries |= {322: (3, (across,)), 323: (3, (down,))}
        entries |= {324: (4, tuple(offsets)), 325: (4, counts)}
    else:
        entries |= {273: (4, tuple(offsets)), 278: (3, (rows,)), 279: (4, counts)}
    entries |= tags or {}
    place += place % 2
    aside, directory, values = place + 2 + 12 * len(entries) + 4, b"", b""
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(numbers)}{'HI'[kind - 3]}", *numbers)
        directory += struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(packed) > 4:
            directory += struct.pack(order + "I", aside + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            directory += packed.ljust(4, b"\0")
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", place)
    body = (start + b"".join(pieces)).ljust(place, b"\0")
    return body + struct.pack(order + "H", len(entries)) + directory + bytes(4) + values
