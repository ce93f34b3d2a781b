"""Images transposed and flipped, compared with one pixel after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from defocus import _native

SIZES = [(1, 1), (1, 70), (70, 1), (63, 65), (64, 64), (130, 61)]
CHANNELS = [(np.uint8, n) for n in (0, 1, 2, 3, 4)] + [(np.uint16, n) for n in (0, 1, 3, 4)]


def slowly_turned(image: Any, transposed: bool, upside_down: bool, mirrored: bool) -> Any:
    """One pixel after the other."""
    height, width = image.shape[:2]
    rows, columns = (width, height) if transposed else (height, width)
    out = np.empty((rows, columns, *image.shape[2:]), image.dtype)
    for y in range(rows):
        for x in range(columns):
            at_y = rows - 1 - y if upside_down else y
            at_x = columns - 1 - x if mirrored else x
            out[y, x] = image[at_x, at_y] if transposed else image[at_y, at_x]
    return out


def random(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = np.uint8) -> Any:
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.parametrize(("dtype", "channels"), CHANNELS)
@pytest.mark.parametrize("size", SIZES)
def test_turn(size: tuple[int, int], dtype: Any, channels: int, rng: np.random.Generator) -> None:
    image = random(rng, (*size, channels) if channels else size, dtype)
    for number in range(8):
        how = bool(number & 1), bool(number & 2), bool(number & 4)
        got = _native.turn(image, *how, threads=_native.Threads(3, least_cost=1))
        assert got.dtype == dtype
        assert np.array_equal(got, slowly_turned(image, *how))


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (np.zeros((4, 5), np.float32), TypeError),
        (np.zeros((4, 5), bool), TypeError),
        (np.zeros(4, np.uint8), ValueError),
        (np.zeros((1, 2, 3, 4), np.uint8), ValueError),
        (np.zeros((0, 5), np.uint8), ValueError),
        (np.zeros((4, 5, 0), np.uint8), ValueError),
        (np.zeros((4, 5, 5), np.uint8), ValueError),
        (np.zeros((4, 5, 4), np.uint8)[:, ::2], ValueError),
    ],
)
def test_what_cannot_be_turned(image: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        _native.turn(image, True, False, False)
