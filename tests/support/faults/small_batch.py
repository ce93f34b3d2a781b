"""Many tiny photographs, a tiny network, and what a command makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from defocus.atomic import TEMPORARY
from tiny_network import bright_network

__all__ = ["FLAGS", "leftovers", "photographs", "results"]

FLAGS = ["--model", "bright.onnx", "--effort", "fast"]


def photographs(names: list[str]) -> None:
    """Write photographs, each with its own colours, below `in`, and the network for `FLAGS`."""
    Path("bright.onnx").write_bytes(bright_network())
    for number, name in enumerate(names):
        pixels = np.zeros((24, 32, 3), np.uint8)
        pixels[6:18, 8:24] = 255 - number % 60
        pixels[0, 0] = number // 60, number % 60, 0
        path = Path("in", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def results(folder: str) -> dict[str, bytes]:
    """The bytes of all results, by name."""
    found = {}
    for path in Path(folder).rglob("*"):
        if path.is_file() and not path.name.startswith(TEMPORARY):
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def leftovers(folder: str) -> list[Path]:
    """The temporary files below a folder."""
    return [*Path(folder).rglob(f"{TEMPORARY}*")]
