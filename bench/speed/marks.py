"""How long the answer to a box and to each further stroke takes.

    python -m bench.speed.marks [--edge 1600] [--rounds 7] [--markdown FILE]

CPU time of one thread, medians.  The photograph is an array, and the network has run before, except
for the box, for which it runs once or twice.  A stroke is a point; the answer is the map at the
cells.  The matte, which is made of it, is timed apart.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import defocus
from bench.speed.cut import timed
from bench.support import harness

STROKES = 5


def measure(path: Path, edge: int, rounds: int) -> list[object]:
    """A row of the table: one photograph."""
    with Image.open(path) as photo:
        scale = edge / max(photo.size)
        size = (round(photo.width * scale), round(photo.height * scale))
        pixels = np.asarray(photo.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    segmenter = defocus.Segmenter(threads=1)
    plain = defocus.find_subject(pixels, segmenter=segmenter)
    box = (size[0] * 0.25, size[1] * 0.25, size[0] * 0.75, size[1] * 0.75)
    rng = np.random.default_rng(4)
    taken: dict[str, list[float]] = {name: [] for name in ("box", "first", "next", "matte")}

    def boxed() -> Any:
        return defocus.find_subject(pixels, box=box, segmenter=segmenter)

    def pointed(start: Any, point: Any) -> Any:
        return defocus.find_subject(pixels, start=start, points=[point], segmenter=segmenter)

    for _ in range(rounds):
        taken["box"].append(timed(boxed)[0])
        subject = plain
        for number in range(STROKES):
            x, y = rng.integers(0, size)
            point = (float(x), float(y), bool(subject.matte[y, x] < 0.5))
            ms, subject = timed(pointed, subject, point)
            taken["next" if number else "first"].append(ms)
            taken["matte"].append(timed(lambda s: s.matte, subject)[0])
    medians = [statistics.median(all_ms) for all_ms in taken.values()]
    return [path.stem, *map(harness.number, (*medians, max(taken["next"])))]


def main() -> None:
    """Print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edge", type=int, default=1600)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    photographs = sorted((harness.ROOT / "examples").glob("*.jpg"))
    rows = [measure(path, options.edge, options.rounds) for path in photographs]
    heads = ["photograph", "box, ms", "first stroke, ms", "next strokes, ms", "matte, ms"]
    table = harness.markdown([*heads, "slowest stroke, ms"], rows)
    print(table)
    if options.markdown:
        machine = harness.described(harness.machine("onnxruntime", "PIL"))
        options.markdown.write_text(f"{machine}\n\n{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
