"""Deterministic pictures to measure on: a natural-like scene, a mask, and what breaks blurs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

# Width and height of each size class; sides divide by 8, which spares peers their odd cases.
SIZES = {
    "0.3 MP": (640, 480),
    "2 MP": (1920, 1080),
    "12 MP": (4032, 3024),
    "24 MP": (6000, 4000),
}
TILE = (1920, 1080)  # the scene is drawn at this size; larger ones repeat it mirrored
MASK_SIDE = 320


def scene(width: int, height: int) -> NDArray[np.uint8]:
    """Soft light of all sizes, hard saturated shapes over it, and a sensor's noise; RGB."""
    rng = np.random.default_rng(1)
    light = _octaves(rng, *TILE)
    picture = Image.fromarray(light)
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = int(rng.integers(TILE[0])), int(rng.integers(TILE[1]))
        w, h = (int(side) for side in rng.integers(10, 200, 2))
        colour = tuple(int(c) for c in rng.choice([0, 40, 220, 255], 3))
        shape = (draw.ellipse, draw.rectangle)[int(rng.integers(2))]
        shape((x, y, x + w, y + h), fill=colour)
    noise = rng.normal(0.0, 3.0, (TILE[1], TILE[0], 3)).astype(np.float32)
    tile = np.clip(np.asarray(picture) + noise + 0.5, 0, 255).astype(np.uint8)
    more = max(height - TILE[1], 0), max(width - TILE[0], 0)
    whole = np.pad(tile, ((0, more[0]), (0, more[1]), (0, 0)), mode="symmetric")
    return np.ascontiguousarray(whole[:height, :width])


def _octaves(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Noise whose strength falls with its frequency, as in photographs."""
    total = np.full((height, width, 3), 110.0, np.float32)
    for cell in (512, 256, 128, 64, 32, 16, 8, 4):
        grid = (height // cell + 2, width // cell + 2, 3)
        coarse = Image.fromarray(rng.integers(0, 256, grid, dtype=np.uint8))
        fine = coarse.resize((width, height), Image.Resampling.BICUBIC)
        total += (np.asarray(fine, np.float32) - 127.5) * (0.7 * (cell / 512) ** 0.5)
    return np.clip(total, 0, 255).astype(np.uint8)


def person_mask() -> NDArray[np.uint8]:
    """Head and shoulders with soft edges, as a network draws them: 320 x 320, 0..255."""
    y, x = np.mgrid[:MASK_SIDE, :MASK_SIDE] / (MASK_SIDE - 1.0)
    head = 1.0 - np.hypot((x - 0.5) / 0.19, (y - 0.34) / 0.24)
    body = 1.0 - np.hypot((x - 0.5) / 0.42, (y - 1.05) / 0.56)
    t = np.clip(np.maximum(head * 0.2, body * 0.45) / 0.03 + 0.5, 0.0, 1.0)
    return np.asarray(255.0 * t * t * (3.0 - 2.0 * t) + 0.5, np.uint8)


def adversarial(width: int = 512, height: int = 384) -> dict[str, NDArray[np.uint8]]:
    """Black and white patterns on which approximate blurs show; RGB, each channel another."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(7)
    patterns: dict[str, Callable[[], NDArray[Any]]] = {
        "noise": lambda: rng.integers(0, 2, (height, width)),
        "checker 1 px": lambda: (x + y) % 2,
        "stripes 7 px": lambda: x // 7 % 2,
        "stripes 9 px": lambda: y // 9 % 2,
        "stripes 17 px": lambda: (x + y) // 17 % 2,
        "chirp": lambda: np.sin(x * x / 300.0) * np.sin(y * y / 400.0) > 0,
        "step": lambda: x > width // 2 + 5,
        "corner": lambda: (x > width // 3) & (y > height // 3),
        "points": lambda: (x % 31 == 3) & (y % 29 == 5),
        "text": lambda: _text(width, height),
    }
    return {name: _three(np.asarray(draw(), bool)) for name, draw in patterns.items()}


def _three(pattern: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The pattern, its negative, and the pattern upside down, as red, green and blue."""
    return np.stack([pattern, ~pattern, pattern[::-1, ::-1]], axis=-1).astype(np.uint8) * 255


def _text(width: int, height: int) -> NDArray[np.bool_]:
    picture = Image.new("1", (width, height), 1)
    draw = ImageDraw.Draw(picture)
    line = "The quick brown fox jumps over the lazy dog. 0123456789 " * (width // 300 + 1)
    for row in range(0, height, 12):
        draw.text((2 - row, row), line, fill=0, font=ImageFont.load_default_imagefont())
    return np.asarray(picture, bool)
