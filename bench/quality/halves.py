"""Photographs with a true mask, in two halves: constants are chosen on one, reported on the other.

In each kind (the first folder of a path) the names are ordered by their SHA-256, and every second
one is held out.  So the halves do not depend on results, and both have every kind.  They do depend
on which folders are given: use the same ones for choosing and for reporting.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.quality.masks import open_truth

__all__ = ["Sample", "overlap", "samples"]


class Sample(NamedTuple):
    """One photograph with a known subject."""

    folder: str
    kind: str
    image: Path
    matte: Path
    truth: NDArray[np.bool_]
    held_out: bool


def samples(folders: list[Path]) -> list[Sample]:
    """Return the photographs of MANIFEST.tsv (columns `image`, `gt`, `kind`) of each folder."""
    found: list[tuple[str, str, str, Path, Path]] = []
    for folder in folders:
        with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["gt"] and row["kind"].startswith(("binary", "alpha")):
                    image = folder / row["image"]
                    kind = row["image"].split("/")[0]
                    digest = hashlib.sha256(image.stem.encode()).hexdigest()
                    found.append((kind, digest, folder.name, image, folder / row["gt"]))
    found.sort(key=lambda each: each[:2])
    places: dict[str, int] = {}
    result = []
    for kind, _, folder_name, image, truth in found:
        place = places[kind] = places.get(kind, -1) + 1
        result.append(
            Sample(folder_name, kind, image, truth, open_truth(truth) >= 128, bool(place % 2))
        )
    return result


def overlap(matte: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Return the intersection over union."""
    found = matte >= 0.5
    return float((found & truth).sum() / max((found | truth).sum(), 1))
