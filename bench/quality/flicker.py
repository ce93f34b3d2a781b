"""How much a video's matte flickers, and how far it lags, for every strength of smoothing.

    python -m bench.quality.flicker [--frames N] [--json FILE] [--sheet FILE]

The scenes are drawn (`clips.py`), so that the matte of every frame is known.  Flicker is dtSSD, the
field's measure (Erofeev et al. 2015, "Perceptually motivated benchmark for video matting"): the
root mean square, over pixels, of the difference between how the matte changes from frame to frame
and how it should.  Lag and ghosts show in the error itself (RMS of matte minus truth).  Both are
taken from the small mask, which is what is smoothed: 320 x 320.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import defocus
from bench.support import harness
from bench.support.clips import MOTIONS, Shown, clip
from defocus import kernels
from defocus.frames import smoothing
from defocus.frames.smoothing import MaskSmoother
from defocus.models.view import View
from defocus.subject.subject import _smoothstep

Row = dict[str, Any]


class Case(NamedTuple):
    smooth: float
    every: int  # 0 is "auto"
    plain: bool = False  # smoothing that looks at no motion

    def __str__(self) -> str:
        name = f"smooth {self.smooth:g}, every {self.every or 'auto'}"
        return name + (", without regard to motion" if self.plain else "")


CASES = [
    *(Case(smooth, 1) for smooth in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)),
    Case(0.8, 1, True),
    *(Case(0.8, every) for every in (0, 2, 3, 4)),
]


class Seen:
    """A frame with what the network makes of it."""

    def __init__(self, shown: Shown, segmenter: defocus.Segmenter) -> None:
        self.small = View(shown.frame, 1).light(segmenter.input_size)
        subject = defocus.find_subject(shown.frame, segmenter=segmenter)
        self.map = subject.map if subject.found else None
        self.truth = kernels.resize_bilinear(shown.matte, segmenter.input_size)


def masks(seen: Sequence[Seen], case: Case) -> tuple[list[NDArray[np.float32]], int]:
    """The mask of every frame, and at how many the network looked."""
    smoother = MaskSmoother(case.smooth)
    limits = smoothing.STILL, smoothing.MOVING
    if case.plain:
        smoothing.STILL, smoothing.MOVING = 8.0, 9.0
    result, since, looks = [], 0, 0
    for item in seen:
        anew = smoother.is_new_scene(item.small)
        due = (
            smoother.is_stale(item.small) or since >= 3
            if not case.every
            else since >= case.every - 1
        )
        if anew or due:
            smoother.update(item.small, item.map, 1.0)
            since, looks = 0, looks + 1
        else:
            smoother.keep()
            since += 1
        shown = np.zeros_like(item.truth) if smoother.map is None else smoother.map
        result.append(_smoothstep(shown) * np.float32(smoother.presence))
    smoothing.STILL, smoothing.MOVING = limits
    return result, looks


def measured(seen: Sequence[Seen], found: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """(dtSSD, RMS error), both times 1000."""
    errors = [m - s.truth for m, s in zip(found, seen, strict=True)]
    changes = [np.square(b - a).mean() for a, b in itertools.pairwise(errors)]
    return (
        1e3 * float(np.mean(np.sqrt(changes))),
        1e3 * float(np.mean([np.sqrt(np.square(e).mean()) for e in errors])),
    )


def score(frames: int) -> list[Row]:
    segmenter = defocus.Segmenter()
    rows = []
    for motion in MOTIONS:
        seen = [Seen(shown, segmenter) for shown in clip(motion, frames)]
        for case in CASES:
            found, looks = masks(seen, case)
            flicker, error = measured(seen, found)
            row = {"motion": motion, "case": str(case), "flicker": flicker, "error": error}
            rows.append({**row, "looks": looks / frames})
    return rows


def table(rows: Sequence[Row]) -> str:
    """Flicker / error, a column for every motion."""
    cells: dict[str, list[str]] = {}
    for row in rows:
        looks = f" ({row['looks']:.0%})" if "auto" in row["case"] else ""
        cell = f"{row['flicker']:.1f} / {row['error']:.1f}{looks}"
        cells.setdefault(row["case"], []).append(cell)
    return harness.markdown(
        ["flicker / error, x 1000", *MOTIONS], [[name, *values] for name, values in cells.items()]
    )


def sheet(path: Path, motion: str = "talking", frames: int = 12) -> None:
    """A picture: a frame, and what its mattes change by that they should not, without and with.

    Black is no wrong change on average over the frames, white .125 and more.
    """
    shown = list(clip(motion, frames))
    segmenter = defocus.Segmenter()
    panels = [shown[-1].frame]
    for smooth, every in ((0.0, 1), (0.8, 1)):
        seen = [Seen(one, segmenter) for one in shown]
        found, _ = masks(seen, Case(smooth, every))
        errors = [m - s.truth for m, s in zip(found, seen, strict=True)]
        wrong = np.mean([np.abs(b - a) for a, b in itertools.pairwise(errors)], axis=0)
        codes = (np.clip(wrong * 8, 0, 1) * 255).astype(np.uint8)
        height, width = shown[0].frame.shape[:2]
        grey = Image.fromarray(codes).resize((width, height), Image.Resampling.BICUBIC)
        panels.append(np.asarray(grey.convert("RGB")))
    Image.fromarray(np.hstack(panels)).resize((1440, 270), Image.Resampling.LANCZOS).save(
        path, quality=88
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=36)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    if options.sheet:
        sheet(options.sheet)
        return
    rows = score(options.frames)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
