"""Pictures that are hard on rounding: noise, checkers, lines and dots, on black and on white."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Width and height: around the network's own 320 x 320, parts and multiples of it, odd ones, and
# those that are very flat or very small.
SIZES = [
    *((1, 1), (1, 2), (2, 1), (3, 2), (1, 64), (64, 1), (7, 5), (16, 16), (31, 33), (32, 32)),
    *((33, 20), (40, 30), (45, 64), (47, 61), (64, 48), (77, 101), (96, 96), (100, 75), (128, 96)),
    *((128, 36), (133, 100), (150, 201), (160, 120), (192, 108), (200, 200), (224, 224), (240, 13)),
    *((256, 171), (270, 333), (300, 400), (320, 320), (321, 319), (353, 265), (384, 288), (400, 8)),
    *((448, 448), (500, 41), (512, 384), (640, 427), (11, 700)),
]
KINDS = ("noise", "checker", "lines", "columns", "dots", "even")


def hard_picture(kind: str, width: int, height: int, *, white: bool) -> NDArray[np.uint8]:
    """One of KINDS, light on black; `white` is its negative."""
    rng = np.random.default_rng(width * 1009 + height)
    picture = np.zeros((height, width, 3), np.uint8)
    rows, columns = np.mgrid[:height, :width]
    if kind == "noise":
        picture[...] = rng.integers(0, 256, picture.shape) * (columns > width // 3)[..., np.newaxis]
    elif kind == "checker":
        picture[(rows + columns) % 2 == 0] = 255
    elif kind == "lines":
        picture[rows % 7 == 3] = 255
    elif kind == "columns":
        picture[columns % 5 == 1] = (255, 1, 90)
    elif kind == "dots":
        few = width * height // 300 + 1
        picture[rng.integers(0, height, few), rng.integers(0, width, few)] = 255
    return 255 - picture if white else picture


def hard_pictures(width: int, height: int) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """All kinds of one size, on black and on white, with their names."""
    for kind in KINDS:
        for white in (False, True):
            name = f"{kind} on {'white' if white else 'black'}, {width} x {height}"
            yield name, hard_picture(kind, width, height, white=white)
