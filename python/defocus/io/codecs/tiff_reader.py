"""The pixels of TIFF files with 16 bits per sample, of which Pillow decodes only grey ones.

libtiff, inside Pillow, still does the decompression.  It gets the same file with another directory
at its end, which describes the same strips or tiles as 8-bit data.  Byte order and the predictor
are undone here.
"""

from __future__ import annotations

import io
import struct
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from defocus.errors import ImageTypeError
from defocus.io import pillow
from defocus.io.codecs import tiff_kinds
from defocus.io.metadata.exif_block import Block, Directory, Entry, write
from defocus.io.pillow_memory import rows_of
from defocus.pixels.samples import Samples16

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["read"]

# TIFF 6.0 and its supplements.
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_FILL_ORDER, _STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_COUNTS = 266, 273, 277, 278, 279
_PLANAR, _PREDICTOR, _TILE_WIDTH, _TILE_LENGTH = 284, 317, 322, 323
_TILE_OFFSETS, _TILE_COUNTS, _EXTRA, _SAMPLE_FORMAT = 324, 325, 338, 339
# None, LZW, deflate (both numbers), PackBits, LZMA, Zstandard: these compress any bytes.
_COMPRESSIONS = (1, 5, 8, 32946, 32773, 34925, 50000)
_PREDICTED = (5, 8, 32946, 34925, 50000)  # of these, those that libtiff combines with a predictor
_COLOURS = {0: 1, 1: 1, 2: 3}  # by photometric interpretation: grey with either polarity, RGB
_ASSOCIATED = 1
_BAND = 1 << 20  # bytes
_HEADER = 8  # bytes
_LONG = 4  # the type of 32-bit numbers


def read(image: Image.Image, file: IO[bytes], name: str) -> Samples16:
    """Read an image that Pillow has opened but not decoded: uint16 H x W x C.

    C is 1 (grey) or 3 (RGB), or one more with straight alpha.  The orientation is not applied.
    `name` is used in messages.  Raises ImageTypeError for unsupported kinds, and Pillow's errors
    for damaged files.
    """
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    channels, colours = _channels(tags, name)
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    width, height = (
        tags[_WIDTH],
        tags[_LENGTH],
    )  # the size of the image is that after its orientation
    planar = tags.get(_PLANAR) == 2
    samples = np.empty((height, width, channels), np.uint16)
    for plane in range(channels if planar else 1):
        part = samples[..., plane : plane + 1] if planar else samples
        _fill(part, file, order, tags, plane, channels if planar else 1)
    extra = tags.get(_EXTRA, (2,) if channels == colours + 1 else ())
    if tags[_PHOTOMETRIC] == 0:
        samples[..., :colours] = ~samples[..., :colours]
    if channels > colours and extra[0] == _ASSOCIATED:
        _divide(samples)
    elif channels > colours and extra[0] != 2:  # an extra sample that is not alpha
        return np.ascontiguousarray(samples[..., :colours])
    return samples


def _channels(tags: Any, name: str) -> tuple[int, int]:
    """Return the number of samples of a pixel, and the number of those that are colours."""
    bits, formats = set(tags.get(_BITS, (1,))), set(tags.get(_SAMPLE_FORMAT, (1,)))
    if bits != {16} or not formats <= {1, 4}:
        raise tiff_kinds.refusal(tags, name)
    colours = _COLOURS.get(tags.get(_PHOTOMETRIC))
    channels = tags.get(_SAMPLES, 1)
    if colours is None or channels not in (colours, colours + 1):
        raise tiff_kinds.refusal(tags, name)
    if tags.get(_COMPRESSION, 1) not in _COMPRESSIONS or tags.get(_PREDICTOR, 1) not in (1, 2):
        raise ImageTypeError(
            f"{name} has 16 bits per sample and compression {tags.get(_COMPRESSION)}, which is "
            "not supported; save it with LZW, deflate or no compression"
        )
    return channels, colours


def _fill(
    samples: Samples16, file: IO[bytes], order: str, tags: Any, plane: int, planes: int
) -> None:
    """Fill the samples that are interleaved in one plane of the file."""
    from PIL.TiffImagePlugin import TiffImageFile

    height, width, channels = samples.shape
    length = 2 * channels * width
    tiled = _TILE_OFFSETS in tags
    tile = tags[_TILE_WIDTH] if tiled else width
    predicted = tags.get(_PREDICTOR, 1) == 2 and tags.get(_COMPRESSION, 1) in _PREDICTED
    stored = TiffImageFile(io.BytesIO(_as_bytes(file, tags, samples.shape, plane, planes)))
    pillow.make_room(stored)
    stored.load()
    rows = max(1, _BAND // length)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        raw = rows_of(stored, top, bottom).tobytes()
        band = np.frombuffer(raw, order + "u2").reshape(bottom - top, width, channels)
        into = samples[top:bottom]
        if not predicted:
            into[...] = band
            continue
        for left in range(0, width, tile):  # differences restart in each tile
            piece = band[:, left : left + tile]
            into[:, left : left + tile] = np.cumsum(piece, axis=1, dtype=np.uint16)


def _as_bytes(
    file: IO[bytes], tags: Any, shape: tuple[int, int, int], plane: int, planes: int
) -> bytes:
    """Return the file with a directory that describes a plane as a grey 8-bit image."""
    height, width, channels = shape
    offsets, counts = (
        (_TILE_OFFSETS, _TILE_COUNTS) if _TILE_OFFSETS in tags else (_STRIP_OFFSETS, _STRIP_COUNTS)
    )
    each = len(tags[offsets]) // planes
    part = slice(plane * each, (plane + 1) * each)
    numbers = {
        _WIDTH: (2 * channels * width,),
        _LENGTH: (height,),
        _BITS: (8,),
        _COMPRESSION: (tags.get(_COMPRESSION, 1),),
        _PHOTOMETRIC: (1,),
        _FILL_ORDER: (tags.get(_FILL_ORDER, 1),),
        _SAMPLES: (1,),
        offsets: tags[offsets][part],
    }
    if counts in tags:
        numbers[counts] = tags[counts][part]
    if _TILE_OFFSETS in tags:
        numbers[_TILE_WIDTH] = (2 * channels * tags[_TILE_WIDTH],)
        numbers[_TILE_LENGTH] = (tags[_TILE_LENGTH],)
    else:
        numbers[_ROWS] = (min(tags.get(_ROWS, height), height),)
    entries = {
        tag: Entry(_LONG, len(values), struct.pack(f"<{len(values)}I", *values))
        for tag, values in numbers.items()
    }
    file.seek(_HEADER)
    return write(Block("<", Directory(entries), pins={_HEADER: file.read()}))


def _divide(samples: Samples16) -> None:
    """Divide colours by their alpha, in place."""
    alpha = samples[..., -1:].astype(np.float32)
    if (alpha == 65535).all():
        return
    straight = samples[..., :-1] * (65535.0 / np.maximum(alpha, 1.0))
    samples[..., :-1] = np.minimum(straight + 0.5, 65535.0).astype(np.uint16)
