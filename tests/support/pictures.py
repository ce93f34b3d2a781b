"""Many small pictures for tests: photographs with a subject, without one, and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from scenes import person

IMAGE, MATTE = person()


def photographs(folder: Path, names: Sequence[str]) -> None:
    """The same small photograph under all these names, each a little different."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = IMAGE.copy()
        pixels[0, 0] = number % 256
        Image.fromarray(pixels).save(path)


def empty_scene(path: Path) -> None:
    """A photograph that has no subject."""
    Image.fromarray(np.zeros((240, 320, 3), np.uint8)).save(path)
