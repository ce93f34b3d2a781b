"""Animated PNG with 16 bits per sample, which Pillow does not write."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any

from defocus.io.codecs import png
from defocus.io.codecs.png_chunks import SIGNATURE, chunks, content, packed
from defocus.io.frame_spool import Spool
from defocus.threads import effective_threads

__all__ = ["encode"]

_MOST = 65535  # the largest numerator and denominator of a frame's time in seconds


def encode(spool: Spool, settings: Mapping[str, Any]) -> bytes:
    """Encode the frames of a spool as PNG, each one complete; `settings` are Pillow's.

    PNG specification, third edition, 11.3.6.
    """
    common = {key: settings[key] for key in settings if key not in ("duration", "loop")}
    out, number = [SIGNATURE], 0
    for index, duration in enumerate(settings["duration"]):
        parts = _chunks_of(spool, index, common if index == 0 else {})
        pixels = [held for name, held in parts if name == b"IDAT"]
        if index == 0:
            counts = (b"acTL", struct.pack(">II", len(spool), settings["loop"]))
            header, *others = (part for part in parts if part[0] not in (b"IDAT", b"IEND"))
            out += [packed(*part) for part in (header, counts, *others)]
        size = struct.pack(">II", *next(iter(spool.sizes)))
        out.append(packed(b"fcTL", struct.pack(">I", number) + size + bytes(8) + _time(duration)))
        number += 1
        for held in pixels:
            if index == 0:
                out.append(packed(b"IDAT", held))
                continue
            out.append(packed(b"fdAT", struct.pack(">I", number) + held))
            number += 1
    return b"".join([*out, packed(b"IEND", b"")])


def _chunks_of(spool: Spool, index: int, settings: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Return the names and contents of the chunks of one frame's own PNG."""
    from PIL import Image

    samples = spool.samples(index, spool.mode)
    shown = Image.new(spool.mode, (samples.shape[1], samples.shape[0]))
    file = io.BytesIO(png.encode(shown, settings, effective_threads(None), samples))
    return [(chunk.name, content(file, chunk)) for chunk in chunks(file)]


def _time(milliseconds: float) -> bytes:
    """Return a frame's time as a fraction of a second, with "source" blending and no disposal."""
    for parts in (1000, 100, 10, 1):
        if milliseconds * parts / 1000 <= _MOST:
            break
    time = min(round(milliseconds * parts / 1000), _MOST)
    return struct.pack(">HHBB", time, parts, 0, 0)
