"""Pictures whose masks are stored, and how those are made and found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from defocus.io import decode

ROOT = Path(__file__).resolve().parents[2]
SIDE = 80  # of a stored mask, in pixels


class Network(Protocol):
    """A Segmenter, or what is used as one."""

    def mask(self, small: NDArray[np.uint8], /) -> NDArray[np.float32]: ...


def _astronaut() -> NDArray[np.uint8]:
    return decode.read(ROOT / "examples" / "astronaut.jpg").pixels


def _ball() -> NDArray[np.uint8]:
    """A ball on a table before a wall, with grain."""
    y, x = np.mgrid[:300, :400]
    wall = np.where(y < 210, 150 + y / 6, 95 - y / 10)
    ball = (x - 230) ** 2 + (y - 160) ** 2 <= 75**2
    light = 1.1 - np.hypot(x - 205, y - 130) / 160
    colours = np.where(ball[..., None], light[..., None] * (225, 120, 40), wall[..., None])
    grain = np.random.default_rng(5).normal(0, 4, (300, 400, 1))
    image: NDArray[np.uint8] = np.clip(colours + grain, 0, 255).astype(np.uint8)
    return image


PICTURES: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "astronaut": _astronaut,
    "astronaut_mirrored": lambda: _astronaut()[:400, ::-1],
    "ball": _ball,
}


def stored_file(model: str, picture: str) -> Path:
    return ROOT / "tests" / "data" / f"{model}_{picture}.png"


def coarse(network: Network, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The network's mask of a picture, as the means of SIDE x SIDE squares."""
    small = Image.fromarray(pixels).resize((320, 320), Image.Resampling.BILINEAR)
    mask = network.mask(np.asarray(small))
    step = len(mask) // SIDE
    squares = mask.reshape(SIDE, step, SIDE, step).astype(np.float64)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means
