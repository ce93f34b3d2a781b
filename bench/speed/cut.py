"""How long a minimum cut of a photograph takes: the first one, and the next ones.

    python -m bench.speed.cut [--side 512] [--rounds 7] [--markdown FILE]

CPU time of one thread, medians.  A stroke is a disc with a radius of 10 pixels whose label is fixed
against the last cut.  With new colours, the histograms are made again from the first cut, so that
every cost changes.  The weights and costs are those of a typical photograph: contrast between
neighbours, and histograms of colours and the network's mask as the prior of a pixel.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import defocus
from bench.support import harness
from defocus import _native

SMOOTHNESS, NAT = 1000, 20  # the greatest weight, and the cost of a factor e
RADIUS, STROKES = 10, 9
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1))


def contrast_weights(image: Any) -> Any:
    """Weights between neighbours: SMOOTHNESS * exp(-beta d^2), by distance."""
    colours = image.astype(np.float64)
    height, width = colours.shape[:2]
    squares = np.zeros((height, width, 4))
    for plane, (dy, dx) in enumerate(STEPS):
        near = colours[: height - dy, max(-dx, 0) : width - max(dx, 0)]
        far = colours[dy:, max(dx, 0) : width + min(dx, 0)]
        here = squares[: height - dy, max(-dx, 0) : width - max(dx, 0), plane]
        here[...] = np.square(near - far).sum(axis=2)
    beta = 1 / (2 * squares.mean() + 1e-9)
    lengths = [np.hypot(dy, dx) for dy, dx in STEPS]
    return np.rint(SMOOTHNESS * np.exp(-beta * squares) / lengths).astype(np.int32)


def colour_costs(image: Any, mask: Any, prior: Any) -> Any:
    """The cost of background less that of subject: by the colours of a mask, and by a prior."""
    bins = (image >> 4).astype(np.int64) @ np.array([256, 16, 1])
    subject = np.bincount(bins.ravel(), mask.ravel(), 4096) + 0.5
    background = np.bincount(bins.ravel(), 1 - mask.ravel(), 4096) + 0.5
    colour = np.log(subject / subject.sum()) - np.log(background / background.sum())
    odds = np.log(prior + 0.05) - np.log(1.05 - prior)
    return np.rint(NAT * (colour[bins] + odds)).astype(np.int32)


def stroke(unary: Any, subject: Any, at: Any) -> Any:
    """The costs with a disc around a pixel fixed to the label that it does not have."""
    y, x = np.ogrid[: unary.shape[0], : unary.shape[1]]
    changed = unary.copy()
    hard = _native.GridCut.HARD
    changed[np.hypot(y - at[0], x - at[1]) <= RADIUS] = -hard if subject[tuple(at)] else hard
    return changed


def timed(call: Any, *arguments: Any) -> tuple[float, Any]:
    """Milliseconds of CPU time, and the result."""
    start = time.process_time()
    result = call(*arguments)
    return 1e3 * (time.process_time() - start), result


def measure(path: Path, side: int, rounds: int) -> list[object]:
    """A row of the table: one photograph."""
    with Image.open(path) as photo:
        image = np.asarray(photo.convert("RGB").resize((side, side), Image.Resampling.BOX))
    mask = np.clip(_native.resize_bilinear(defocus.find_subject(image).mask, side, side), 0, 1)
    weights, unary = contrast_weights(image), colour_costs(image, mask, mask)
    rng = np.random.default_rng(1)
    taken: dict[str, list[float]] = {name: [] for name in ("build", "first", "stroke", "colours")}
    for _ in range(rounds):
        ms, cut = timed(_native.GridCut, weights)
        taken["build"].append(ms)
        ms, subject = timed(cut.solve, unary)
        taken["first"].append(ms)
        colours, costs = colour_costs(image, subject, mask), unary
        for at in rng.integers(RADIUS, side - RADIUS, (STROKES, 2)):
            costs = stroke(costs, subject, at)
            ms, subject = timed(cut.solve, costs)
            taken["stroke"].append(ms)
        taken["colours"].append(timed(cut.solve, colours)[0])
    medians = {name: statistics.median(all_ms) for name, all_ms in taken.items()}
    slowest, ratio = max(taken["stroke"]), medians["first"] / medians["stroke"]
    return [path.stem, *map(harness.number, (*medians.values(), slowest, ratio))]


def main() -> None:
    """Print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    photographs = sorted((harness.ROOT / "examples").glob("*.jpg"))
    rows = [measure(path, options.side, options.rounds) for path in photographs]
    heads = ["photograph", "build, ms", "first cut, ms", "after a stroke, ms"]
    heads += ["new colours, ms", "slowest stroke, ms", "first / stroke"]
    table = harness.markdown(heads, rows)
    print(table)
    if options.markdown:
        machine = harness.described(harness.machine())
        options.markdown.write_text(f"{machine}\n\n{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
