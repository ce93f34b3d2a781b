"""What a box and strokes of the user gain, on photographs with a known subject.

    python -m bench.quality.marks --eval DIR > bench/results/marks.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are relative
to DIR).  The box is that of the truth.  A stroke is a point at the deepest place of the larger
error: of what is missing, or of what is wrong.  Nothing is timed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import defocus
from bench.quality.crop_pass import photographs
from bench.support import harness
from defocus.pixels.regions import shrunk
from defocus.subject.subject import Subject

FOUND, WRONG = 0.9, 0.6  # IoU: the network's mask is right above, and of something else below
STROKES = 5
Labels = NDArray[np.bool_]


class Score(NamedTuple):
    """IoU of one photograph: without marks, with the box, and after each stroke."""

    group: str
    plain: float
    marked: list[float]


def iou(found: Labels, true: Labels) -> float:
    return float((found & true).sum() / max((found | true).sum(), 1))


def deepest(part: Labels) -> tuple[int, tuple[int, int]]:
    """How many pixels lie between the deepest place of a part and its border, and that place."""
    depth, place = 0, (0, 0)
    part = np.pad(part, 1)
    while part.any():
        depth += 1
        y, x = np.unravel_index(int(part.argmax()), part.shape)
        place = (int(x) - 1, int(y) - 1)
        part = shrunk(part, 1) & np.pad(np.ones(np.subtract(part.shape, 2), np.bool_), 1)
    return depth, place


def stroke(found: Labels, true: Labels) -> tuple[float, float, bool] | None:
    """The point that a user would mark next, or None if nothing is wrong."""
    (missing, add), (wrong, drop) = deepest(true & ~found), deepest(found & ~true)
    if max(missing, wrong) < 2:
        return None
    x, y = add if missing >= wrong else drop
    return float(x), float(y), missing >= wrong


def judged(group: str, pixels: NDArray[np.uint8], true: Labels, strokes: int) -> Score:
    plain = defocus.find_subject(pixels)
    down, across = np.flatnonzero(true.any(axis=1)), np.flatnonzero(true.any(axis=0))
    box = (float(across[0]), float(down[0]), float(across[-1] + 1), float(down[-1] + 1))
    subject = defocus.find_subject(pixels, box=box)
    marked = [iou(_labels(subject), true)]
    for _ in range(strokes):
        point = stroke(_labels(subject), true)
        if point is not None:
            subject = defocus.find_subject(pixels, start=subject, points=[point])
        marked.append(iou(_labels(subject), true))
    return Score(group, iou(_labels(plain), true), marked)


def _labels(subject: Subject) -> Labels:
    return np.asarray(subject.matte >= 0.5)


def row(name: str, scores: list[Score]) -> list[object]:
    means = [statistics.fmean(score.marked[k] for score in scores) for k in range(STROKES + 1)]
    plain = statistics.fmean(score.plain for score in scores)
    return [name, len(scores), f"{plain:.3f}", *(f"{mean:.3f}" for mean in means)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Score boxes and strokes.")
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    wrong, found = [], []
    for group, photo, truth in photographs(parser.parse_args().eval):
        pixels, true = np.asarray(photo), truth >= 0.5
        plain = iou(_labels(defocus.find_subject(pixels)), true)
        if plain <= WRONG:
            wrong.append(judged(group, pixels, true, STROKES))
        elif plain > FOUND:
            found.append(judged(group, pixels, true, 0))
        print(len(wrong), len(found), file=sys.stderr, flush=True)
    report(wrong, found)


def report(wrong: list[Score], found: list[Score]) -> None:
    print("# What a box and strokes gain\n")
    print("    python -m bench.quality.marks --eval DIR\n")
    print(f"Mean IoU of photographs whose subject the network misses (IoU of {WRONG} or less).")
    print("The box is that of the truth.  A stroke is one point at the deepest place of the error.")
    print("The constants of the cut were chosen on these photographs.\n")
    print(harness.described(harness.machine("onnxruntime", "PIL")))
    header = ["photographs", "count", "no marks", "box", *(f"+{k + 1}" for k in range(STROKES))]
    rows = [row("all", wrong)]
    for group in dict.fromkeys(score.group for score in wrong):
        rows.append(row(group, [score for score in wrong if score.group == group]))
    print(harness.markdown(header, rows))
    lost = [score.marked[0] - score.plain for score in found]
    print(f"\nOf {len(found)} photographs with an IoU above {FOUND}, the box makes ", end="")
    print(f"{sum(change < -0.001 for change in lost)} worse; the worst loses ", end="")
    print(f"{max(0.0, -min(lost)):.3f}.  The mean changes by {statistics.fmean(lost):+.4f}.")


if __name__ == "__main__":
    main()
