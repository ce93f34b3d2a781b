"""Pictures with `ground="auto"` beside those without, for judging by eye, and what it costs.

    python -m bench.quality.ground --eval DIR --out FOLDER

DIR holds MANIFEST.tsv (tab-separated; the column `image` is used, paths are relative to DIR).
Where the option changes the portrait, FOLDER gets a PNG: off on the left, auto on the right.
The table says which changed.  The verdicts in bench/results/ground.md are by eye, at 100 %.

    python -m bench.quality.ground --cost PHOTOGRAPH

CPU time of one thread, the best of five rounds, for the photograph at 2 and 12 MP.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

import defocus
from bench.quality.masks import open_photo

SIZES = (2, 12)
ROUNDS = 5


def judge(folder: Path, out: Path, segmenter: defocus.Segmenter) -> None:
    """Write pairs of pictures, and print what changed."""
    out.mkdir(parents=True, exist_ok=True)
    print("| photograph | portrait |\n| --- | --- |")
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        names = [row["image"] for row in csv.DictReader(file, delimiter="\t")]
    for name in names:
        pixels = np.asarray(open_photo(folder / name))
        try:
            subject = defocus.find_subject(pixels, segmenter=segmenter)
            off, auto = (
                defocus.portrait(pixels, subject=subject, ground=ground, segmenter=segmenter)
                for ground in ("off", "auto")
            )
        except defocus.NoSubjectError:
            print(f"| {name} | no subject |")
            continue
        changed = not np.array_equal(off, auto)
        print(f"| {name} | {'changed' if changed else 'the same'} |")
        if changed:
            pair = Image.fromarray(np.concatenate([off, auto], axis=1))
            pair.save(out / f"{name.replace('/', '-').rpartition('.')[0]}.png")


def least(call: Callable[[], object]) -> float:
    """The least CPU time of several calls, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def cost(photograph: Path, segmenter: defocus.Segmenter) -> None:
    """Print what the option adds."""
    photo = open_photo(photograph)
    print("| size | find_subject | portrait | with ground | more |\n|---|---:|---:|---:|---:|")
    for megapixels in SIZES:
        scale = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
        size = (round(photo.width * scale), round(photo.height * scale))
        pixels = np.asarray(photo.resize(size, Image.Resampling.BICUBIC))
        subject = defocus.find_subject(pixels, segmenter=segmenter)
        find = least(partial(defocus.find_subject, pixels, segmenter=segmenter))
        made = partial(defocus.portrait, pixels, subject=subject, segmenter=segmenter)
        off, auto = least(partial(made, ground="off")), least(partial(made, ground="auto"))
        more = (auto - off) / (find + off)
        print(f"| {megapixels} MP | {find:.3f} s | {off:.3f} s | {auto:.3f} s | {more:.0%} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--eval", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cost", type=Path)
    options = parser.parse_args()
    segmenter = defocus.Segmenter(threads=1)
    if options.eval is not None:
        judge(options.eval, options.out or Path("ground"), segmenter)
    if options.cost is not None:
        cost(options.cost, segmenter)


if __name__ == "__main__":
    main()
