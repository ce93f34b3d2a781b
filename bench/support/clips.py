"""Drawn videos whose matte is known: a person before a background, who moves in known ways."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

# Where the person is, in pixels off the middle, at frame t; and by how many the background moves.
MOTIONS: dict[str, Callable[[int], tuple[float, float]]] = {
    "still": lambda t: (0.0, 0.0),
    "talking": lambda t: (4.0 * np.sin(t / 5.0), 0.0),  # up to .8 pixels a frame
    "handheld": lambda t: (3.0 * np.sin(t / 3.0), 3.0 * np.sin(t / 3.0)),
    "walking": lambda t: (-120.0 + 5.0 * t, 0.0),
    "running": lambda t: (-180.0 + 15.0 * (t % 24), 0.0),
}


class Shown(NamedTuple):
    """One frame, uint8 H x W x 3, and its truth, float32 H x W."""

    frame: NDArray[np.uint8]
    matte: NDArray[np.float32]


def clip(motion: str, count: int, size: tuple[int, int] = (640, 360)) -> Iterator[Shown]:
    """`count` frames of `size` with a sensor's noise, each compressed as a camera's stream is."""
    width, height = size
    rng = np.random.default_rng(7)
    photo = _picture("astronaut.jpg")
    codes = (defocus.find_subject(photo).matte * 255).astype(np.uint8)
    side = round(height * 0.95)
    person, alpha = _resized(photo, side), _resized(codes, side) / 255.0
    wide = _room(width + 40, height)
    for t in range(count):
        dx, pan = MOTIONS[motion](t)
        left = width / 2 - side / 2 + dx
        front, a = _shifted(person, left, size), _shifted(alpha * 255.0, left, size) / 255.0
        back = _shifted(wide, -20.0 + pan, size)
        mixed = a[..., np.newaxis] * front + (1 - a[..., np.newaxis]) * back
        noisy = mixed + rng.normal(0.0, 3.0, mixed.shape)
        coded = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
        yield Shown(_compressed(coded, 70 + 10 * (t % 2)), a.astype(np.float32))


def _picture(name: str) -> NDArray[np.uint8]:
    with Image.open(EXAMPLES / name) as image:
        return np.asarray(image.convert("RGB"))


def _room(width: int, height: int) -> NDArray[np.float64]:
    """A wall with shelves of books: clutter, but nothing that draws the eye."""
    rng = np.random.default_rng(3)
    wall = np.full((height, width, 3), (150.0, 140.0, 125.0))
    wall *= np.linspace(1.1, 0.8, width)[:, np.newaxis]
    for shelf in range(height // 8, height, height // 4):
        column = 4
        while column < width - 30:
            thick, tall = int(rng.integers(6, 20)), int(rng.integers(height // 10, height // 5))
            colour = rng.uniform(60, 170) + rng.uniform(-25, 25, 3)
            wall[max(shelf + height // 6 - tall, 0) : shelf + height // 6, column:][:, :thick] = (
                colour
            )
            column += thick + int(rng.integers(0, 3)) + 40 * int(rng.random() < 0.08)
        wall[shelf + height // 6 :][:4] = (90, 70, 55)
    return wall


def _resized(pixels: NDArray[np.uint8], side: int) -> NDArray[np.float64]:
    image = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float64)


def _shifted(
    pixels: NDArray[np.generic], left: float, size: tuple[int, int]
) -> NDArray[np.float64]:
    """`pixels` with their left edge at column `left`, which may lie between pixels, at the bottom.

    Around them is nothing.
    """
    width, height = size
    whole = np.asarray(pixels, np.float64)
    padded = np.zeros((height, width, *whole.shape[2:]))
    for column, weight in _columns(left):
        first, last = max(column, 0), min(column + whole.shape[1], width)
        if first < last:
            part = whole[-height:, first - column : last - column]
            padded[height - part.shape[0] :, first:last] += weight * part
    return padded


def _columns(left: float) -> list[tuple[int, float]]:
    column = int(np.floor(left))
    rest = left - column
    return [(column, 1.0 - rest), (column + 1, rest)]


def _compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.asarray(image)
