"""What a portrait costs through an aperture, by radius, beside the Gaussian of equal spread.

    python -m bench.speed.bokeh [--size "12 MP"] [--markdown FILE]

See README.md beside this file for the method and the units.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.support import harness, patterns
from defocus import _native

# Just below and at the radii where the grid gets coarser, and what lies between.
RADII = (4.0, 7.9, 8.0, 12.0, 23.0, 24.0, 47.0, 53.0, 80.0, 200.0)
LOOKS: dict[str, dict[str, Any]] = {
    "gaussian": {"bokeh": "gaussian"},
    "disc": {"bokeh": "disc"},
    "disc, highlights": {"bokeh": "disc", "highlights": 5.0},
    "6 blades": {"bokeh": "disc", "blades": 6},
}
COPY = "copy"


def measure(size: str, seconds: float) -> list[list[object]]:
    """One row for each radius: milliseconds of each look, and how many copies that is."""
    width, height = patterns.SIZES[size]
    image, mask = patterns.scene(width, height), patterns.person_mask()
    rows: list[list[object]] = []
    for radius in RADII:
        runners: dict[str, Callable[[], object]] = {COPY: image.copy}
        for name, options in LOOKS.items():
            runners[name] = functools.partial(_native.portrait, image, mask, radius / 2, **options)
        samples = harness.race(runners, seconds)
        copy = samples[COPY].ms
        row: list[object] = [f"{radius:g}"]
        for name in LOOKS:
            row.append(f"{harness.number(samples[name].ms)} ({samples[name].ms / copy:.1f})")
        rows.append(row)
    return rows


def main() -> None:
    """Print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="12 MP", choices=sorted(patterns.SIZES))
    parser.add_argument("--seconds", type=float, default=4.0, help="for each radius")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    with harness.pinned(1):
        rows = measure(options.size, options.seconds)
    table = harness.markdown(["radius", *(f"{name}, ms (x copy)" for name in LOOKS)], rows)
    print(table)
    if options.markdown:
        machine = harness.described(harness.machine())
        options.markdown.write_text(f"{machine}\n\n{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
