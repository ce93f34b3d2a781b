"""Filtered rows of a PNG, compared with one byte after the other, and read by Pillow."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from defocus import _native
from defocus.io.codecs.png_chunks import SIGNATURE, packed
from tests.native.reference.png_rows import filter_rows, stored

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels


def smooth(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Samples of which some rows resemble those above, and others the pixels to the left."""
    high = np.iinfo(dtype).max
    steps = rng.integers(-3, 4, shape).cumsum(axis=1) * (high // 255)
    wild = rng.integers(0, high, shape[:1] + (1,) * (len(shape) - 1), endpoint=True)
    kept = rng.random(shape[:1] + (1,) * (len(shape) - 1)) < 0.4
    image = steps + np.where(kept, 0, wild)
    if rng.random() < 0.5:  # the same in each row
        image = image[:1] + rng.integers(-2, 3, shape)
    return (image % (high + 1)).astype(dtype)


def laid_out(image: NDArray[Any], how: int) -> NDArray[Any]:
    """The same samples with other strides."""
    height, width, channels = image.shape
    if how == 0:
        return image
    if how == 1:  # four samples a pixel
        wide = np.full((height, width, 4), 77, image.dtype)
        wide[..., :channels] = image
        return wide[..., :channels]
    if how == 2:  # upside down, mirrored, channels reversed
        return image[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1]
    if how == 3:  # planes
        return np.ascontiguousarray(image.transpose(2, 0, 1)).transpose(1, 2, 0)
    if how == 4:  # transposed, and padded
        wide = np.zeros((width, height + 3, channels), image.dtype)
        wide[:, :height] = image.transpose(1, 0, 2)
        return wide[:, :height].transpose(1, 0, 2)
    wide = np.zeros((2 * height, 3 * width, channels + 2), image.dtype)
    wide[::2, ::3, ::1][..., 1 : 1 + channels] = image
    return wide[::2, ::3, 1 : 1 + channels]


@st.composite
def images(draw: Any) -> NDArray[Any]:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 70))
    dtype = draw(st.sampled_from([np.uint8, np.uint16]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    image = smooth(rng, (height, width, draw(st.integers(1, 4))), dtype)
    return laid_out(image, draw(st.integers(0, 5)))


@given(images(), st.data())
def test_it_is_what_the_slow_one_makes(image: NDArray[Any], data: Any) -> None:
    first = data.draw(st.integers(0, len(image) - 1))
    last = data.draw(st.integers(first + 1, len(image)))
    before = image.copy()
    got = _native.filter_png(image, first, last)
    assert np.array_equal(got, filter_rows(image, first, last))
    assert np.array_equal(image, before)


@pytest.mark.parametrize("how", range(6))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_all_widths(channels: int, dtype: Any, how: int, rng: np.random.Generator) -> None:
    for width in range(1, 71):
        image = laid_out(smooth(rng, (3, width, channels), dtype), how)
        assert np.array_equal(_native.filter_png(image, 0, 3), filter_rows(image, 0, 3))


@given(images(), st.integers(1, 12))
def test_pillow_reads_bands_of_any_height(image: NDArray[Any], rows: int) -> None:
    height, width, channels = image.shape
    bands = [
        _native.filter_png(image, top, min(top + rows, height)) for top in range(0, height, rows)
    ]
    depth = 8 * image.itemsize
    header = struct.pack(">IIBBBBB", width, height, depth, COLOUR_TYPES[channels], 0, 0, 0)
    data = zlib.compress(b"".join(band.tobytes() for band in bands), 1)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    file = io.BytesIO(SIGNATURE + b"".join(packed(*part) for part in parts))
    with Image.open(file) as read:
        got = np.asarray(read).reshape(height, width, -1)
    # Pillow cuts 16 bits to the high byte, unless they are grey.
    want = image if depth == 8 or channels == 1 else stored(image)[:, ::2]
    if depth == 16 and channels == 2:  # it reads grey and alpha as four channels
        got = got[..., ::3] if got.shape[2] == 4 else got
    assert np.array_equal(got.reshape(-1), want.reshape(-1))


def test_both_filters_are_chosen() -> None:
    across, down = np.mgrid[:16, :50].astype(np.uint8) * 5
    for image, kind in ((across, 1), (down, 2)):
        assert set(_native.filter_png(image, 2, 16)[:, 0]) == {kind}
    both = np.concatenate([across, across[8:], down, down[:8]])
    assert {1, 2} == set(_native.filter_png(both, 2, 48)[:, 0])


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (np.zeros((4, 5), np.float32), TypeError),
        (np.zeros((4, 5), np.int16), TypeError),
        (np.zeros((4, 5), ">u2"), TypeError),
        (np.zeros(4, np.uint8), ValueError),
        (np.zeros((1, 2, 3, 4), np.uint8), ValueError),
        (np.zeros((0, 5), np.uint8), ValueError),
        (np.zeros((4, 5, 0), np.uint8), ValueError),
        (np.zeros((4, 5, 5), np.uint8), ValueError),
        (np.frombuffer(bytes(41), np.uint16, 20, 1).reshape(4, 5), ValueError),
    ],
)
def test_what_cannot_be_filtered(image: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        _native.filter_png(image, 0, 1)


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (0, 0), (2, 1), (0, 5), (4, 5), (-3, -1)])
def test_rows_outside(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="rows"):
        _native.filter_png(np.zeros((4, 5), np.uint8), first, last)
