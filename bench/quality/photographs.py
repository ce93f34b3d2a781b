"""Photographs with a known subject, in two groups."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.quality.masks import open_photo, open_truth

__all__ = ["GROUPS", "photographs"]

GROUPS = {
    "people and animals": ("human_seg", "p3m_demo", "am2k_demo", "aim_demo"),
    "cluttered scenes and objects": ("sod", "alphamatting"),
}
Floats = NDArray[np.float32]


def photographs(folder: Path) -> Iterator[tuple[str, Image.Image, Floats]]:
    """Group, photograph and truth, 0..1."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for group, places in GROUPS.items():
                if row["gt"] and row["image"].startswith(tuple(f"{place}/" for place in places)):
                    truth = open_truth(folder / row["gt"]).astype(np.float32) / np.float32(255)
                    yield group, open_photo(folder / row["image"]), truth
