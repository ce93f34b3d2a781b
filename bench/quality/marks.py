"""What a box and strokes of the user gain, on photographs with a known subject.

    python -m bench.quality.marks --eval DIR > bench/results/marks.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are relative
to DIR).  The box is that of the truth.  A stroke is a point at the deepest place of the larger
error: of what is missing, or of what is wrong.  With a brush it is a disc there, with half of the
depth as its radius.  Nothing is timed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import defocus
from bench.quality.photographs import photographs
from bench.support import harness
from defocus.pixels.regions import shrunk
from defocus.subject.subject import Subject

FOUND, WRONG = 0.9, 0.6  # IoU: the network's mask is right above, and of something else below
STROKES = 5
BRUSH = 0.5  # radius of a stroke of the brush, as a share of the depth of the error
Labels = NDArray[np.bool_]


class Score(NamedTuple):
    """IoU of one photograph: without marks, with the box, and after each stroke."""

    group: str
    plain: float
    marked: list[float]
    brushed: list[float]


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


class Stroke(NamedTuple):
    """What a user would mark next: a place, how deep in the error it lies, and what it says."""

    place: tuple[int, int]
    depth: int
    keep: bool

    def point(self) -> dict[str, Any]:
        return {"points": [(float(self.place[0]), float(self.place[1]), self.keep)]}

    def disc(self, shape: tuple[int, int]) -> dict[str, Any]:
        y, x = np.ogrid[: shape[0], : shape[1]]
        away = np.hypot(y - self.place[1], x - self.place[0])
        return {"keep" if self.keep else "remove": away <= max(1.0, BRUSH * self.depth)}


def stroke(found: Labels, true: Labels) -> Stroke | None:
    """The next stroke, or None if nothing is wrong."""
    (missing, add), (wrong, drop) = deepest(true & ~found), deepest(found & ~true)
    if max(missing, wrong) < 2:
        return None
    keep = missing >= wrong
    return Stroke(add if keep else drop, max(missing, wrong), keep)


def judged(group: str, pixels: NDArray[np.uint8], true: Labels, strokes: int) -> Score:
    plain = defocus.find_subject(pixels)
    down, across = np.flatnonzero(true.any(axis=1)), np.flatnonzero(true.any(axis=0))
    box = (float(across[0]), float(down[0]), float(across[-1] + 1), float(down[-1] + 1))
    boxed = defocus.find_subject(pixels, box=box)
    courses = [
        course(pixels, true, boxed, strokes, Stroke.point),
        course(pixels, true, boxed, strokes, partial(Stroke.disc, shape=true.shape)),
    ]
    return Score(group, iou(_labels(plain), true), *courses)


def course(
    pixels: NDArray[np.uint8],
    true: Labels,
    subject: Subject,
    strokes: int,
    marks: Callable[[Stroke], dict[str, Any]],
) -> list[float]:
    """IoU before the first stroke, and after each."""
    scores = [iou(_labels(subject), true)]
    for _ in range(strokes):
        following = stroke(_labels(subject), true)
        if following is not None:
            subject = defocus.find_subject(pixels, start=subject, **marks(following))
        scores.append(iou(_labels(subject), true))
    return scores


def _labels(subject: Subject) -> Labels:
    return np.asarray(subject.matte >= 0.5)


def row(name: str, scores: list[Score], courses: list[list[float]]) -> list[object]:
    means = [statistics.fmean(course[k] for course in courses) for k in range(STROKES + 1)]
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
    print("The box is that of the truth.  A stroke is one point at the deepest place of the error,")
    print(f"or there a disc of a brush, whose radius is {BRUSH} of the depth.")
    print("The constants of the cut were chosen on these photographs.\n")
    print(harness.described(harness.machine("onnxruntime", "PIL")))
    header = ["photographs", "count", "no marks", "box", *(f"+{k + 1}" for k in range(STROKES))]
    rows = []
    for name in ("all", *dict.fromkeys(score.group for score in wrong)):
        group = [score for score in wrong if name in ("all", score.group)]
        rows.append(row(f"{name}, points", group, [score.marked for score in group]))
        rows.append(row(f"{name}, brush", group, [score.brushed for score in group]))
    print(harness.markdown(header, rows))
    lost = [score.marked[0] - score.plain for score in found]
    print(f"\nOf {len(found)} photographs with an IoU above {FOUND}, the box makes ", end="")
    print(f"{sum(change < -0.001 for change in lost)} worse; the worst loses ", end="")
    print(f"{max(0.0, -min(lost)):.3f}.  The mean changes by {statistics.fmean(lost):+.4f}.")


if __name__ == "__main__":
    main()
