"""The chart of quality for the README, from the committed results.

python -m bench.quality.chart docs/images/quality.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.peers import libraries as peers
from bench.support import bars

RESULTS = Path(__file__).resolve().parents[1] / "results"
RECIPE, OURS, BEST, TRUE = "common recipe", "defocus", "defocus, effort best", "with a true matte"
# Of the table of scores: the column of each bar.
COLUMNS = {RECIPE: "common", OURS: "own mask", BEST: "best", TRUE: "true matte"}
SCORES = (
    ("PSNR near the edge", "Portrait, near the edge of the subject: PSNR, more is better", "dB"),
    ("colour error in the halo (dE)", "Portrait, colour error of the halo: less is better", "dE"),
)
# What was measured with the same blurs; scipy was measured with one of them only.
SIGMAS = (5.0, 10.0, 21.0, 40.0)
BLURS = (
    *(peers.OURS, peers.SEPARABLE, peers.OPENCV, peers.EXPERT, "OpenCV stackBlur"),
    *("libvips", peers.PILLOW),
)


def scores(markdown: str) -> dict[str, dict[str, float]]:
    """The first table of the scores: of each score the figure of each column.

    Parameters
    ----------
    markdown : str
        The text of results/scores.md.
    """
    lines = markdown[markdown.index("| score |") :].split("\n\n")[0].splitlines()
    head, _, *rows = ([cell.strip(" *") for cell in line.split("|")[1:-1]] for line in lines)
    wanted = [(name, head.index(name)) for name in COLUMNS.values()]
    return {row[0]: {name: float(row[place]) for name, place in wanted} for row in rows}


def worst_errors(patterns: list[dict[str, Any]]) -> dict[str, float]:
    """The largest error of each blur in 8-bit levels, over all patterns and `SIGMAS`.

    Parameters
    ----------
    patterns : list of dict
        The rows "patterns" of results/peers.json.
    """
    found = {
        (row["name"], row["sigma"]): row["levels"] for row in patterns if row["work"] == "blur"
    }
    return {name: max(found[name, sigma] for sigma in SIGMAS) for name in BLURS}


def main(path: Path) -> None:
    """Write the chart."""
    table = scores((RESULTS / "scores.md").read_text(encoding="utf-8"))
    found = json.loads((RESULTS / "peers.json").read_text(encoding="utf-8"))
    groups = [
        (title, {label: table[score][column] for label, column in COLUMNS.items()}, unit)
        for score, title, unit in SCORES
    ]
    title = "Gaussian blur, largest error in 8-bit levels: less is better"
    groups.append((title, worst_errors(found["patterns"]), ""))
    made = bars.figure([len(values) for _, values, _ in groups])
    if made is not None:
        for axis, (title, values, unit) in zip(made[1], groups, strict=True):
            bars.panel(axis, title, values, unit)
        bars.save(made[0], path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
