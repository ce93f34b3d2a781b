"""Mutations that keep the structure of a file: lengths, checksums, compression."""

from __future__ import annotations

import random
import struct
import zlib
from typing import Any

from tools.fuzz.target import Change

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 1 << 18  # bytes that are decompressed
_TIFF_TAGS = (
    *(254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 284, 296, 317),
    *(320, 322, 323, 324, 325, 338, 339, 530, 532, 700, 33723, 34377, 34665, 34675, 34853),
)


def mutate_png(data: bytes, choice: random.Random, change: Change) -> bytes:
    """Change, repeat, move or leave out a chunk; checksums are right again."""
    parts = _png_chunks(data)
    if not parts or choice.random() < 0.1:
        return change(data)
    at = choice.randrange(len(parts))
    name, held = parts[at]
    match choice.randrange(8):
        case 0 | 1 | 2 as how:
            _rearrange(parts, at, how, choice)
        case 3:
            parts[at] = change(name)[:4].ljust(4, b"a"), held
        case 4 if name in (b"IDAT", b"iCCP", b"zTXt", b"fdAT"):
            parts[at] = name, _recompressed(held, change)
        case _:
            parts[at] = name, change(held)
    return _SIGNATURE + b"".join(_png_chunk(*part) for part in parts)


def _rearrange(parts: list[Any], at: int, how: int, choice: random.Random) -> None:
    """Leave out part `at`, repeat it elsewhere, or swap it with another one."""
    if how == 0:
        del parts[at]
    elif how == 1:
        parts.insert(choice.randrange(len(parts) + 1), parts[at])
    else:
        other = choice.randrange(len(parts))
        parts[at], parts[other] = parts[other], parts[at]


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    parts, at = [], len(_SIGNATURE)
    while data.startswith(_SIGNATURE) and at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        parts.append((name, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return parts


def _png_chunk(name: bytes, held: bytes) -> bytes:
    check = zlib.crc32(held, zlib.crc32(name))
    return struct.pack(">I4s", len(held), name) + held + struct.pack(">I", check)


def _recompressed(held: bytes, change: Change) -> bytes:
    """Change what is behind the zlib header, wherever that is."""
    start = next((at for at in range(min(90, len(held))) if held[at : at + 1] == b"x"), 0)
    try:
        inner = zlib.decompressobj().decompress(held[start:], _MOST)
    except zlib.error:
        return change(held)
    return held[:start] + zlib.compress(change(inner), 1)


def mutate_jpeg(data: bytes, choice: random.Random, change: Change) -> bytes:
    """Change, repeat, move or leave out a segment; lengths are right again."""
    parts, tail = _jpeg_segments(data)
    if not parts or choice.random() < 0.1:
        return change(data)
    at = choice.randrange(len(parts))
    kind, held = parts[at]
    match choice.randrange(8):
        case 0 | 1 | 2 as how:
            _rearrange(parts, at, how, choice)
        case 3:
            parts[at] = choice.randrange(0xC0, 0xFF), held
        case 4:
            tail = change(tail)
        case _:
            parts[at] = kind, change(held)[:65533]
    segments = (struct.pack(">BBH", 0xFF, kind, 2 + len(held)) + held for kind, held in parts)
    return b"\xff\xd8" + b"".join(segments) + tail


def _jpeg_segments(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    parts, at = [], 2
    while data[:2] == b"\xff\xd8" and at + 4 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        parts.append((kind, data[at + 4 : at + 2 + length]))
        at += 2 + length
        if kind == 0xDA:
            break
    return parts, data[at:]


def mutate_tiff(data: bytes, choice: random.Random, change: Change) -> bytes:
    """Change a row of a directory, or what it leads to."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 14 or choice.random() < 0.3:
        return change(data)
    (start,) = struct.unpack_from(order + "I", data, 4)
    if start + 2 > len(data):
        return change(data)
    (count,) = struct.unpack_from(order + "H", data, start)
    row = start + 2 + 12 * choice.randrange(max(1, min(count, 60)))
    if row + 12 > len(data):
        return change(data)
    tag, kind, number, value = struct.unpack_from(order + "HHII", data, row)
    match choice.randrange(5):
        case 0:
            tag = choice.choice(_TIFF_TAGS)
        case 1:
            kind = choice.randrange(15)
        case 2:
            number = choice.choice((0, 1, 2, 3, 4, number + 1, number * 2, 1 << 20, (1 << 32) - 1))
        case 3:
            value = choice.choice((0, 1, 2, 3, 8, 16, value ^ 1 << choice.randrange(32), len(data)))
        case _:
            at = min(value, len(data))
            return data[:at] + change(data[at : at + 4 * number]) + data[at + 4 * number :]
    new = struct.pack(order + "HHII", tag, kind, number & 0xFFFFFFFF, value & 0xFFFFFFFF)
    return data[:row] + new + data[row + 12 :]
