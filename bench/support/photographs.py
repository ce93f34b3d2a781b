"""The photographs that whole runs are measured on: a folder's, or one made of the example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from bench.support import harness

EXAMPLE = harness.ROOT / "examples" / "astronaut.jpg"
SIDE = 3456  # squared 12 MP
GRAIN = 4.0  # in levels; what a small sensor's noise is, and what makes the file 3 MB


def jpegs(folder: Path | None, scratch: Path) -> list[Path]:
    """The JPEG files of `folder`; without one, the example at 12 MP, written to `scratch`."""
    if folder is not None:
        found = sorted(
            path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"}
        )
        if not found:
            raise SystemExit(f"{folder} holds no .jpg file")
        return found
    path = scratch / "astronaut-12MP.jpg"
    large = Image.open(EXAMPLE).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(12).normal(0, GRAIN, (SIDE, SIDE, 1))
    pixels = np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=92, subsampling="4:2:0")
    return [path]


def enlarged(example: Path, megapixels: float, path: Path) -> Path:
    """Write a photograph at so many megapixels to `path`, as a JPEG with grain."""
    with Image.open(example) as opened:
        image = opened.convert("RGB")
    scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    size = round(image.width * scale), round(image.height * scale)
    large = image.resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(12).normal(0, GRAIN, (*size[::-1], 1))
    pixels = np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=92, subsampling="4:2:0")
    return path


def megapixels(path: Path) -> float:
    with Image.open(path) as image:
        return float(image.width * image.height) / 1e6
