"""What each part of `effort` gains, from files.

    python -m bench.quality.effort --eval DIR [DIR ...] > bench/results/effort.md

DIR holds MANIFEST.tsv (tab-separated; columns `image`, `gt` and `kind` are used, paths are relative
to DIR).  Constants of the crop pass and the clean-up were chosen on one half (`halves.py`).  The
costs are means per photograph: runs of the network, and CPU time beyond the decoding, one thread.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import defocus
from bench.quality.halves import Sample, overlap, samples
from bench.support import harness
from defocus import _native
from defocus.io import decode, network_view
from defocus.models.view import View
from defocus.pipeline import prediction
from defocus.pixels.samples import Pixels
from defocus.subject import cleanup

PARTS = ("none", "good", "good + crop pass", "good + clean-up", "best")
Map = NDArray[np.float32]


class Counted(defocus.Segmenter):
    """Knows how often it has run."""

    runs = 0

    def mask(self, pixels: Pixels) -> Map:
        self.runs += 1
        return super().mask(pixels)


class Score(NamedTuple):
    """One photograph: IoU, runs of the network and CPU time of each part."""

    sample: Sample
    iou: list[float]
    runs: list[int]
    seconds: list[float]


def judged(sample: Sample, segmenter: Counted) -> Score:
    photo = decode.read(sample.image)
    shown = network_view.pixels(photo, segmenter.input_size)
    good = prediction.predicted(View(shown, 1), "good", segmenter).raw
    empty = good.max() < segmenter.spec.subject_threshold
    steps: tuple[Callable[[], Map], ...] = (
        lambda: prediction.predicted(View(shown, 1), "fast", segmenter).raw,
        lambda: prediction.predicted(View(shown, 1), "good", segmenter).raw,
        lambda: prediction.with_crop_pass(good, photo, segmenter),
        lambda: cleanup.cleaned(good, photo.pixels),
        lambda: prediction.improved(good, photo, segmenter),
    )
    score = Score(sample, [], [], [])
    for place, step in enumerate(steps):
        before, started = segmenter.runs, time.process_time()
        map_ = good if empty and place > 1 else step()
        seconds, runs = time.process_time() - started, segmenter.runs - before
        score.seconds.append(seconds + (score.seconds[1] if place > 1 else 0.0))
        score.runs.append(runs + (score.runs[1] if place > 1 else 0))
        matte = _native.guided_matte(photo.pixels, map_) * np.float32(not empty)
        score.iou.append(overlap(matte, sample.truth))
    return score


def rows(scores: list[Score]) -> Iterator[list[object]]:
    groups: dict[str, list[Score]] = {"all": scores}
    for held_out, name in ((False, "all, chosen on"), (True, "all, held out")):
        groups[name] = [score for score in scores if score.sample.held_out == held_out]
    for score in scores:
        groups.setdefault(f"{score.sample.folder}, {score.sample.kind}", []).append(score)
    for name, chosen in groups.items():
        means = [statistics.fmean(score.iou[k] for score in chosen) for k in range(len(PARTS))]
        yield [name, len(chosen), *(f"{mean:.4f}" for mean in means)]


def changes(scores: list[Score]) -> Iterator[list[object]]:
    """Of each part, beside "good": how often it changes IoU by more than .01, and its cost."""
    for place, part in enumerate(PARTS):
        gains = [score.iou[place] - score.iou[1] for score in scores]
        runs = statistics.fmean(score.runs[place] for score in scores)
        seconds = statistics.fmean(score.seconds[place] for score in scores)
        counts = [sum(g > 0.01 for g in gains), sum(g < -0.01 for g in gains)]
        worst, best = min(gains), max(gains)
        yield [
            part,
            *counts,
            f"{best:+.3f}",
            f"{worst:+.3f}",
            f"{runs:.2f}",
            f"{1000 * seconds:.0f}",
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Score the parts of effort.")
    parser.add_argument("--eval", type=Path, nargs="+", required=True, metavar="DIR")
    segmenter = Counted(threads=1)
    segmenter.build()
    scores = []
    for sample in samples(parser.parse_args().eval):
        scores.append(judged(sample, segmenter))
        print(len(scores), file=sys.stderr, flush=True)
    print("# What each part of effort gains\n")
    print("    python -m bench.quality.effort --eval DIR\n")
    print('Mean IoU of the matte, from files. "none" is one run of the network. The constants of')
    print('the clean-up and the crop pass were chosen on one half; "held out" is the other.\n')
    print(harness.described(harness.machine("onnxruntime", "PIL")))
    print(harness.markdown(["photographs", "n", *PARTS], list(rows(scores))))
    print("\nBeside good: photographs whose IoU changes by more than .01, the extremes, and the")
    print("cost of finding the subject per photograph, on one thread.\n")
    header = ["part", "better", "worse", "best", "worst", "runs of the network", "CPU ms"]
    print(harness.markdown(header, list(changes(scores))))


if __name__ == "__main__":
    main()
