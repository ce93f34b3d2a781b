"""Frames a second of a video, from raw frames to raw frames, in one process.

    python -m bench.speed.frames [--size WxH] [--seconds S] [--markdown FILE]

Each case runs through `defocus.video` for its share of the time, after its first frames; "talking"
and "still" are the scenes of `clips.py`.  "Inference alone" is the network on its own: what a frame
costs at least where the network looks at every one.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import defocus
from bench.support import clips, harness
from defocus.frames.rawvideo import parse_size

WARM = 8  # frames before the clock starts
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "portrait, every frame": ("talking", {"every": 1}),
    "portrait, every frame, one after the other": ("talking", {"every": 1, "threads": 1}),
    "portrait, auto, talking": ("talking", {}),
    "portrait, auto, still": ("still", {}),
    "portrait, every 4": ("talking", {"every": 4}),
    "portrait, every 4, u2netp": ("talking", {"every": 4, "model": "u2netp"}),
    "portrait, every frame, u2netp": ("talking", {"every": 1, "model": "u2netp"}),
    "cutout, every frame": ("talking", {"fn": defocus.cutout, "every": 1}),
    "cutout on white, every frame": (
        "talking",
        {"fn": defocus.cutout, "every": 1, "background": "white"},
    ),
}


def rate(frames: list[Any], seconds: float, options: dict[str, Any]) -> float:
    """Frames a second, of the same frames over and over."""
    settings = dict(options)
    model = settings.pop("model", "u2net")
    segmenter = defocus.Segmenter(model, threads=settings.pop("threads", None))
    there_and_back: Iterator[Any] = itertools.cycle(frames + frames[-2:0:-1])
    stream = defocus.video(there_and_back, segmenter=segmenter, **settings)
    for _ in range(WARM):
        next(stream)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        next(stream)
        count += 1
    taken = time.perf_counter() - start
    stream.close()  # type: ignore[attr-defined]
    return count / taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=parse_size, default=(1280, 720))
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    films = {
        name: [shown.frame for shown in clips.clip(name, 16, options.size)]
        for name in ("talking", "still")
    }
    segmenter = defocus.Segmenter()
    segmenter.warmup()
    start = time.perf_counter()
    for frame in films["talking"]:
        segmenter.mask(frame)
    alone = len(films["talking"]) / (time.perf_counter() - start)
    foreign = harness.Foreign()
    rows = [["inference alone", f"{alone:.1f}", f"{1e3 / alone:.0f}"]]
    for name, (film, settings) in CASES.items():
        fps = rate(films[film], options.seconds, settings)
        rows.append([name, f"{fps:.1f}", f"{1e3 / fps:.0f}"])
    others = f"Others used {foreign.cpus():.2f} CPUs meanwhile.\n"
    width, height = options.size
    text = harness.markdown([f"{width} x {height}", "frames a second", "ms a frame"], rows)
    text += "\n" + others
    print(text)
    if options.markdown:
        options.markdown.write_text(text + "\n" + harness.described(harness.machine()), "utf-8")


if __name__ == "__main__":
    main()
