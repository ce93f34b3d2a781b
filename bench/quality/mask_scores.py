"""The scores by which maps of salient objects are compared: S-measure, maximal F, mean error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BETA_SQUARED = 0.3  # of the F-measure, as in all its tables: precision counts for more
Floats = NDArray[np.floating]
Truth = NDArray[np.bool_]


class Scores(NamedTuple):
    """Means over photographs; `max_f` is the best over thresholds of the mean curves' F."""

    s: float
    max_f: float
    mae: float


class Judge:
    """Collects maps and their truths; all floats 0..1, of one shape."""

    def __init__(self) -> None:
        self.s: list[float] = []
        self.mae: list[float] = []
        self.curves: list[Floats] = []

    def add(self, map_: Floats, truth: Floats) -> None:
        subject = truth >= 0.5
        self.s.append(s_measure(map_.astype(np.float64), subject))
        self.mae.append(float(np.abs(map_ - truth).mean()))
        self.curves.append(precision_and_recall(map_, subject))

    def scores(self) -> Scores:
        precision, recall = np.mean(self.curves, axis=0)
        f = (1 + BETA_SQUARED) * precision * recall
        f /= np.maximum(BETA_SQUARED * precision + recall, 1e-9)
        return Scores(float(np.mean(self.s)), float(f.max()), float(np.mean(self.mae)))


def precision_and_recall(map_: Floats, subject: Truth) -> Floats:
    """At the 256 thresholds of a byte, from the strictest on; shape 2 x 256."""
    codes = np.clip(map_ * 255.0, 0, 255).astype(np.int64)
    hits = np.bincount(codes[subject], minlength=256)[::-1].cumsum()
    misses = np.bincount(codes[~subject], minlength=256)[::-1].cumsum()
    return np.stack([hits / np.maximum(hits + misses, 1), hits / max(int(subject.sum()), 1)])


def s_measure(map_: Floats, subject: Truth) -> float:
    """Similarity of structure, half by objects and half by regions.

    "Structure-measure: A new way to evaluate foreground maps" (Fan, Cheng, Liu, Li and Borji,
    ICCV 2017), with its alpha of one half.
    """
    share = float(subject.mean())
    if share in (0.0, 1.0):
        return float(map_.mean()) if share else 1.0 - float(map_.mean())
    objects = share * _evenness(map_[subject])
    objects += (1 - share) * _evenness(1 - map_[~subject])
    return max(0.0, (objects + _by_regions(map_, subject)) / 2)


def _evenness(values: Floats) -> float:
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    mean = float(values.mean())
    return 2 * mean / (mean**2 + 1 + spread)


def _by_regions(map_: Floats, subject: Truth) -> float:
    """Structural similarity of the four parts that meet in the subject's centre."""
    rows, columns = np.nonzero(subject)
    middle, centre = round(float(rows.mean())) + 1, round(float(columns.mean())) + 1
    total = 0.0
    for vertical in (slice(0, middle), slice(middle, None)):
        for horizontal in (slice(0, centre), slice(centre, None)):
            part = map_[vertical, horizontal]
            if part.size:
                truth = subject[vertical, horizontal].astype(np.float64)
                total += part.size / subject.size * _similarity(part, truth)
    return total


def _similarity(a: Floats, b: Floats) -> float:
    count = max(a.size - 1, 1)
    mean_a, mean_b = float(a.mean()), float(b.mean())
    variances = float(((a - mean_a) ** 2).sum() + ((b - mean_b) ** 2).sum()) / count
    covariance = float(((a - mean_a) * (b - mean_b)).sum()) / count
    above = 4 * mean_a * mean_b * covariance
    below = (mean_a**2 + mean_b**2) * variances
    if above == 0:
        return 1.0 if below == 0 else 0.0
    return above / (below + 1e-20)
