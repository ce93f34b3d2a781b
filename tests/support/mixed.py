"""A folder as people have them: mostly good pictures, and everything that goes wrong with files."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from scenes import person

SIZES = ((320, 240), (640, 480), (1200, 900), (1600, 1200))
NAMES = (
    *(b"plain", b"with space", b"new\nline", b"caf\xc3\xa9", b"not utf-8 \xff\xfe", b"-dash"),
    *(b"a;b|c&d", b"quo'te\"s", b"[1]*?", b"%s {0} $HOME", b"dots...", b"n" * 200, b"..a"),
    "\u30ab\u30e1\u30e9".encode(),
)


@dataclass
class Mixed:
    """What was made: paths relative to the folder.

    `good` are pictures with a subject, `without` have none, `bad` cannot be read; `others` counts
    what nobody takes for a picture.
    """

    good: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)
    bad: dict[str, str] = field(default_factory=dict)
    others: int = 0


def make(folder: Path, count: int, seed: int = 0) -> Mixed:
    """Make `count` entries in `folder` and folders below it, the same for the same seed."""
    rng = np.random.default_rng(seed)
    made = Mixed()
    kinds = [*_GOOD.items()]
    bad = [*_BAD.items()]
    for number in range(count):
        name = os.fsdecode(b"%04d %s" % (number, NAMES[number % len(NAMES)]))
        place = Path(*[f"folder {digit}" for digit in str(number % 37)], name)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        if number % 10 < 8:
            kind, write = kinds[number // 10 % len(kinds)]
            path = place.with_name(f"{place.name}.{kind.partition(' ')[0]}")
            (folder / path).write_bytes(write(_photograph(rng)))
            made.good.add(str(path))
        elif number % 10 == 8:
            kind, spoil = bad[number // 10 % len(bad)]
            path = place.with_name(f"{place.name}.jpg")
            spoil(folder / path, _encoded(_photograph(rng), "JPEG"))
            made.bad[str(path)] = kind
        elif number % 20 == 9:
            path = place.with_name(f"{place.name}.png")
            (folder / path).write_bytes(_encoded(Image.new("RGB", (320, 240)), "PNG"))
            made.without.add(str(path))
        else:
            (folder / f"{place}.txt").write_text("notes")
            (folder / place.with_name(f".{number}.jpg")).write_bytes(b"a thumbnail")
            made.others += 1
    return made


def _photograph(rng: np.random.Generator) -> Image.Image:
    # No noise: with some, the network would not find the drawn figure in each of a thousand.
    size = SIZES[rng.integers(len(SIZES))]
    return Image.fromarray(person()[0]).resize(size, Image.Resampling.BICUBIC)


def _encoded(image: Image.Image, form: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def _turned(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return _encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


# The first word is the extension.
_GOOD: dict[str, Callable[[Image.Image], bytes]] = {
    "jpg": lambda image: _encoded(image, "JPEG", quality=90),
    "JPG progressive": lambda image: _encoded(image, "JPEG", progressive=True),
    "jpeg turned": _turned,
    "jpe of low quality": lambda image: _encoded(image, "JPEG", quality=40),
    "png": lambda image: _encoded(image, "PNG", compress_level=1),
    "webp": lambda image: _encoded(image, "WEBP", method=0),
    "tif": lambda image: _encoded(image, "TIFF"),
    "bmp": lambda image: _encoded(image, "BMP"),
    "jpg which is a PNG": lambda image: _encoded(image, "PNG", compress_level=1),
    "png which is a JPEG": lambda image: _encoded(image, "JPEG"),
}


def _bomb(path: Path, data: bytes) -> None:
    """A PNG of a few bytes that says it has ten thousand million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data[:9]))


def _loop(path: Path, _data: bytes) -> None:
    path.symlink_to(path.name)


_BAD: dict[str, Callable[[Path, bytes], object]] = {
    "truncated": lambda path, data: path.write_bytes(data[: len(data) // 2]),
    "only a header": lambda path, data: path.write_bytes(data[:200]),
    "empty": lambda path, data: path.write_bytes(b""),
    "text": lambda path, data: path.write_text("this is no picture\n" * 20),
    "noise": lambda path, data: path.write_bytes(data[::-1]),
    "bomb": _bomb,
    "pipe": lambda path, data: os.mkfifo(path),
    "dangling": lambda path, data: path.symlink_to("nowhere.jpg"),
    "loop": _loop,
}
