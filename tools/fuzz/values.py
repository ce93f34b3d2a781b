"""Values of any kind, as a careless caller may pass them."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from tools.fuzz.inputs import Choices

_DEEPEST = 3
_NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 255, 256, 65535, 1000, 10**6, 2**31, 2**63, 10**400, 0.0, -0.0, 0.5, 1.5),
    *(math.nan, math.inf, -math.inf, 1e-308, 1e308, True, False, 1j),
    *(np.float32(0.5), np.int64(3), np.uint8(7), np.float64("nan"), np.bool_(True)),
)
_WORDS = (
    *("", " ", "all", "largest", "good", "fast", "best", "disc", "gaussian", "linear", "srgb"),
    *("auto", "off", "square", "4:5", "100x50", "10%", "12px", "-1%", "white", "#ff8800", "none"),
    *("drop blur=3% opacity=.6", "contact", "offset=1,2", "png", "jpeg", "webp", "tiff", "avif"),
    *("4:4:4", "4:2:0", "small", "gps", "center", "top-left", "rgb(1,2,3)", "nan", "inf", "1e999"),
    *("\0", "\ud800", "ﬀ", "١٢", "0x10", "1_000", "transparent"),
)


def value(choices: Choices, depth: int = 0) -> Any:
    """Return a value: None, a number, text, bytes, an array, or a collection of values."""
    kind = choices.number(12)
    if kind < 3:
        return choices.one_of(_NUMBERS)
    if kind < 5:
        return choices.one_of(_WORDS)
    if kind == 5:
        return choices.take(choices.number(24)).decode("utf-8", "replace")
    if kind == 6:
        return struct.unpack("<d", choices.take(8).ljust(8, b"\0"))[0]
    if kind == 7:
        return choices.number(1 << 16) / 256 - 64
    if kind == 8 and depth < _DEEPEST:
        return tuple(value(choices, depth + 1) for _ in range(choices.number(6)))
    if kind == 9 and depth < _DEEPEST:
        items = [value(choices, depth + 1) for _ in range(choices.number(4))]
        return choices.one_of((items, dict(enumerate(items)), iter(items), items * 40))
    if kind == 10:
        return array(choices)
    return choices.one_of((None, b"", b"\xff\xd8\xff", object(), int, print, ..., bytearray(b"7")))


def array(choices: Choices) -> Any:
    """Return an array of a few samples, of any type and with any strides."""
    dtype = choices.one_of(
        ("u1", "<u2", ">u2", "i1", "f2", "f4", "f8", ">f8", "?", "c8", "O", "U1")
    )
    shape = tuple(choices.number(5) for _ in range(choices.number(5)))
    data = np.frombuffer(choices.take(64).ljust(64, b"\x11"), np.uint8)
    made: Any = np.resize(data, shape).astype(dtype) if dtype != "O" else np.full(shape, None)
    return choices.one_of((made, made[::-1] if made.ndim else made, made.T, made.tolist()))
