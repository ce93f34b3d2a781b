"""Small files of every kind that more than one reader agrees on, with random content."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import deep_files
import profiles
from tools.fuzz.pictures import encoded, exif

Made = tuple[str, bytes]
_PROFILES = (None, "Display P3", "Adobe RGB", "ProPhoto")


def random_file(choice: Random) -> Made:
    """Return an extension, and the bytes of a file."""
    return choice.choice(_MAKERS)(choice)


def _samples(choice: Random, channels: int, deep: bool = False) -> NDArray[Any]:
    shape = (choice.randint(1, 40), choice.randint(1, 40), channels)
    rng = np.random.default_rng(choice.getrandbits(32))
    full = 65536 if deep else 256
    noise = rng.integers(0, full, shape, np.uint16)
    y, x, c = np.mgrid[: shape[0], : shape[1], :channels]
    smooth = (x * 300 + y * 700 + c * 9000) % full
    made = noise if choice.random() < 0.5 else smooth
    return made.astype(np.uint16 if deep else np.uint8)


def _described(choice: Random) -> dict[str, Any]:
    """Return EXIF with an orientation from 0 to 9, or none."""
    if choice.random() < 0.2:
        return {}
    return {"exif": b"Exif\0\0" + exif(choice.choice("<>"), choice.randrange(10))}


def _jpeg(choice: Random) -> Made:
    more = {**_described(choice), "subsampling": 0, "quality": choice.randint(60, 100)}
    if choice.random() < 0.5:
        more["progressive"] = True
    if name := choice.choice(_PROFILES):
        more["icc_profile"] = profiles.wide(name)
    pixels = _samples(choice, 3)
    grey = choice.random() < 0.3 and not name
    return "jpg", encoded(pixels[..., 0] if grey else pixels, "JPEG", **more)


def _png(choice: Random) -> Made:
    more = _described(choice)
    mode = choice.choice(("1", "L", "LA", "P", "RGB", "RGBA"))
    image = Image.fromarray(_samples(choice, 4)).convert("RGB" if mode == "P" else mode)
    if mode == "P":
        image = image.quantize(choice.choice((2, 4, 16, 256)))
        if choice.random() < 0.5:
            more["transparency"] = bytes(choice.randrange(256) for _ in range(3))
    file = io.BytesIO()
    image.save(file, "PNG", **more)
    return "png", file.getvalue()


def _deep_png(choice: Random) -> Made:
    samples, before = _samples(choice, choice.choice((1, 2, 3, 4)), deep=True), b""
    if described := _described(choice):
        before = deep_files.chunk(b"eXIf", described["exif"][6:])
    return "png", deep_files.png(samples, interlaced=choice.random() < 0.5, before=before)


def _tiff(choice: Random) -> Made:
    mode = choice.choice(("1", "L", "RGB", "RGBA"))
    image = Image.fromarray(_samples(choice, 4)).convert(mode)
    file, tags = io.BytesIO(), {}
    if choice.random() < 0.8:
        tags[274] = choice.randrange(1, 9)
    packed = choice.choice(("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"))
    image.save(file, "TIFF", compression=packed, tiffinfo=tags)
    return "tif", file.getvalue()


def _deep_tiff(choice: Random) -> Made:
    samples = _samples(choice, choice.choice((1, 2, 3, 4)), deep=True)
    with_alpha = samples.shape[2] in (2, 4)
    data = deep_files.tiff(
        samples,
        order=choice.choice("<>"),
        compression=choice.choice((1, 5, 8)),
        predictor=choice.random() < 0.3,
        # ImageMagick 6 does not read planes of grey and alpha.
        planar=samples.shape[2] != 2 and choice.random() < 0.3,
        rows=choice.randint(1, 50),
        extra=2 if with_alpha else None,
        tags={274: (3, (choice.randrange(1, 9),))} if choice.random() < 0.8 else None,
    )
    return "tif", data


def _webp(choice: Random) -> Made:
    pixels = _samples(choice, choice.choice((3, 4)))
    return "webp", encoded(pixels, "WEBP", lossless=True, exact=True, **_described(choice))


def _bmp(choice: Random) -> Made:
    return "bmp", encoded(_samples(choice, 3), "BMP", choice.choice(("1", "L", "P", "RGB")))


def _gif(choice: Random) -> Made:
    return "gif", encoded(_samples(choice, 3), "GIF", "P")


def _portable(choice: Random) -> Made:
    kind, most = choice.choice(("P2", "P3", "P5", "P6")), choice.choice((1, 9, 255, 1000, 65535))
    channels = 3 if kind in ("P3", "P6") else 1
    samples = _samples(choice, channels, deep=True).astype(np.int64) * (most + 1) // 65536
    height, width, _ = samples.shape
    head = f"{kind}\n# words\n{width} {height}\n{most}\n".encode()
    if kind in ("P2", "P3"):
        return "ppm", head + " ".join(map(str, samples.ravel().tolist())).encode() + b"\n"
    return "ppm", head + samples.astype(">u2" if most > 255 else "u1").tobytes()


def _bits(choice: Random) -> Made:
    bits = _samples(choice, 1)[..., 0] % 2
    height, width = bits.shape
    if choice.random() < 0.5:
        return "pbm", f"P1\n{width} {height}\n".encode() + b" ".join(b"%d\n" % b for b in bits.flat)
    return "pbm", f"P4\n{width} {height}\n".encode() + np.packbits(bits, axis=1).tobytes()


_MAKERS: tuple[Callable[[Random], Made], ...] = (
    *(_jpeg, _png, _deep_png, _tiff, _deep_tiff, _webp, _bmp, _gif, _portable, _bits),
)
