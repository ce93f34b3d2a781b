"""Does the works that it reads from stdin; run by path, in any environment that has defocus.

Each line is JSON with `work`, `model`, `threads`, `source` and `target`.  The answer has the
milliseconds, CPU milliseconds, those of each stage, and the largest resident memory in MB.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import defocus

_segmenters: dict[tuple[str, int], defocus.Segmenter] = {}


def segmenter_of(model: str, threads: int) -> defocus.Segmenter:
    found = _segmenters.get((model, threads))
    if found is None:
        found = _segmenters[model, threads] = defocus.Segmenter(model, threads=threads)
        found.warmup()
    return found


def run(order: dict[str, Any], segmenter: defocus.Segmenter) -> None:
    """One photograph from file to file, or the network alone."""
    if order["work"] == "network":
        segmenter.mask(np.full((320, 320, 3), 90, np.uint8))
        return
    make = defocus.cutout if order["work"] == "cutout" else defocus.portrait
    result = make(order["source"], segmenter=segmenter)
    defocus.save(result, order["target"], threads=order["threads"])


def peak() -> float:
    """MB that this process had resident at most."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def main() -> None:
    everywhere = os.sched_getaffinity(0)
    for line in sys.stdin:
        order = json.loads(line)
        segmenter = segmenter_of(order["model"], order["threads"])
        os.sched_setaffinity(0, sorted(everywhere)[: order["threads"]])
        stages: dict[str, float] = {}

        def add(name: str, seconds: float, stages: dict[str, float] = stages) -> None:
            stages[name] = stages.get(name, 0.0) + 1e3 * seconds

        start, cpu = time.perf_counter(), time.process_time()
        with defocus.stages(add):
            run(order, segmenter)
        cpu, taken = 1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - start)
        print(json.dumps({"ms": taken, "cpu": cpu, "stages": stages, "peak": peak()}), flush=True)


if __name__ == "__main__":
    main()
