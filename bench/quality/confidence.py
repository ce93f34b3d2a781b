"""Is `subject.confidence` calibrated?  Reliability, Brier score and calibration error.

    python -m bench.quality.confidence --eval DIR [DIR ...] --svg docs/images/confidence.svg \
        > bench/results/confidence.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are relative
to DIR).  A mask is right if its matte has an IoU above .8 with the truth.  The constants are fitted
on one half of the photographs and reported on the other (`halves.py`); the fit is printed too.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import defocus
from bench.quality.halves import overlap, samples
from bench.support import harness
from defocus.io import decode
from defocus.pixels.samples import Pixels
from defocus.subject import confidence, measures

RIGHT = 0.8
BINS = 10
SIZE, MARGIN = 320, 40  # of the diagram, in pixels
Floats = NDArray[np.float64]


class Score(NamedTuple):
    """One photograph: the doubt of the network's map, and the IoU of the matte."""

    group: str
    held_out: bool
    doubt: float
    iou: float


class Recorder(defocus.Segmenter):
    """Keeps the first map of each photograph."""

    first: NDArray[np.float32] | None = None

    def mask(self, pixels: Pixels) -> NDArray[np.float32]:
        map_ = super().mask(pixels)
        self.first = map_ if self.first is None else self.first
        return map_


def scored(folders: list[Path]) -> list[Score]:
    """The photographs in which something is found."""
    segmenter = Recorder(threads=1)
    scores: list[Score] = []
    for sample in samples(folders):
        segmenter.first = None
        photo = decode.read(sample.image).pixels
        subject = defocus.find_subject(photo, segmenter=segmenter)
        if subject.found and segmenter.first is not None:
            doubt = measures.doubt(segmenter.first)
            iou = overlap(subject.matte, sample.truth)
            scores.append(Score(sample.kind, sample.held_out, doubt, iou))
    return scores


def interval(right: int, count: int) -> tuple[float, float]:
    """Wilson's interval of a share, 95 %."""
    z = 1.96
    centre, scale = right + z * z / 2, count + z * z
    spread = z * math.sqrt(right * (count - right) / count + z * z / 4)
    return (centre - spread) / scale, (centre + spread) / scale


def fitted(scores: list[Score]) -> tuple[float, float]:
    """The doubt of a confidence of one half, and the slope: Newton's method."""
    x = np.log(np.array([score.doubt for score in scores]) + confidence.FLOOR)
    design = np.stack([np.ones_like(x), x], axis=1)
    right = np.array([score.iou > RIGHT for score in scores], np.float64)
    weights = np.zeros(2)
    for _ in range(30):
        p = 1 / (1 + np.exp(-design @ weights))
        hessian = (design * (p * (1 - p))[:, np.newaxis]).T @ design
        weights += np.linalg.solve(hessian, design.T @ (right - p))
    return float(np.exp(-weights[0] / weights[1])), float(-weights[1])


def arrays(scores: list[Score]) -> tuple[Floats, Floats]:
    called = np.array([confidence.of_doubt(score.doubt) for score in scores])
    return called, np.array([score.iou > RIGHT for score in scores], np.float64)


def bins(scores: list[Score]) -> list[tuple[float, float, int, int]]:
    """Of each bin with photographs: its start, the mean confidence, how many are right, of all."""
    called, right = arrays(scores)
    which = np.minimum((called * BINS).astype(int), BINS - 1)
    return [
        (k / BINS, float(called[which == k].mean()), int(right[which == k].sum()), int(n))
        for k, n in enumerate(np.bincount(which, minlength=BINS))
        if n
    ]


def summary(name: str, scores: list[Score]) -> list[object]:
    called, right = arrays(scores)
    brier = float(np.square(called - right).mean())
    error = sum(abs(good - mean * n) for _, mean, good, n in bins(scores)) / len(scores)
    sure = called >= 0.9
    row: list[object] = [name, len(scores), f"{right.mean():.3f}", f"{called.mean():.3f}"]
    row += [f"{brier:.3f}", f"{error:.3f}", f"{int(right[sure].sum())}/{int(sure.sum())}"]
    low, high = interval(int(right[sure].sum()), int(sure.sum())) if sure.any() else (0.0, 1.0)
    return [*row, f"{low:.2f} to {high:.2f}"]


def diagram(scores: list[Score]) -> str:
    """A reliability diagram as SVG: the share of right masks by confidence, with intervals."""

    def at(x: float, y: float) -> tuple[float, float]:
        side = SIZE - 2 * MARGIN
        return MARGIN + x * side, SIZE - MARGIN - y * side

    def line(x0: float, y0: float, x1: float, y1: float, style: str) -> str:
        (a, b), (c, d) = at(x0, y0), at(x1, y1)
        return f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" {style}/>'

    shapes = [line(0, 0, 1, 1, 'stroke="#999" stroke-dasharray="4"')]
    shapes += [line(0, 0, 1, 0, 'stroke="#000"'), line(0, 0, 0, 1, 'stroke="#000"')]
    for _, mean, right, count in bins(scores):
        low, high = interval(right, count)
        shapes.append(line(mean, low, mean, high, 'stroke="#06c"'))
        x, y = at(mean, right / count)
        shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#06c"/>')
    middle = SIZE / 2
    text = 'font-family="sans-serif" font-size="12" text-anchor="middle"'
    shapes.append(f'<text x="{middle}" y="{SIZE - 12}" {text}>confidence, 0 to 1</text>')
    turned = f'transform="rotate(-90 16 {middle})"'
    shapes.append(f'<text x="16" y="{middle}" {text} {turned}>share of right masks, 0 to 1</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
    paper = f'<rect width="{SIZE}" height="{SIZE}" fill="#fff"/>'
    return "\n".join([head, paper, *shapes, "</svg>", ""])


def report(scores: list[Score]) -> None:
    chosen, held = ([s for s in scores if s.held_out == half] for half in (False, True))
    print("# The confidence of a subject\n")
    print("    python -m bench.quality.confidence --eval DIR --svg FILE\n")
    print(f"A mask is right if its IoU is above {RIGHT}. Photographs in which nothing is found are")
    print("left out. The constants were fitted on the first half.\n")
    print(harness.described(harness.machine("onnxruntime", "PIL")))
    names = {"fitted on": chosen, "**held out**": held}
    names |= {f"held out, {g}": [s for s in held if s.group == g] for g in ("human_seg", "sod")}
    header = ["photographs", "n", "right", "mean confidence", "Brier score", "calibration error"]
    header += ["right of those called .9", "95 % interval"]
    print(harness.markdown(header, [summary(*pair) for pair in names.items() if pair[1]]))
    for name, half in (("first", chosen), ("held-out", held)):
        even, slope = fitted(half)
        print(f"\nA fit of the {name} half: one half at a doubt of {even:.3f}, slope {slope:.2f}.")
    print("\nThe held-out half by confidence:\n")
    rows = []
    for start, mean, right, count in bins(held):
        low, high = interval(right, count)
        share = [f"{right}/{count}", f"{right / count:.2f}", f"{low:.2f} to {high:.2f}"]
        rows.append([f"{start:.1f}", f"{mean:.2f}", *share])
    print(harness.markdown(["from", "mean confidence", "right", "share", "95 % interval"], rows))


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge the confidence of subjects.")
    parser.add_argument("--eval", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="the reliability diagram")
    options = parser.parse_args()
    scores = scored(options.eval)
    report(scores)
    if options.svg is not None:
        held = [score for score in scores if score.held_out]
        options.svg.write_text(diagram(held), encoding="utf-8")


if __name__ == "__main__":
    main()
