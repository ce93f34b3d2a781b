"""Pictures a second of a Ray cluster on this machine, beside the plain command's on the same cores.

    python -m bench.speed.ray [--pictures N] [--model NAME]

Both make portraits of the same folder (the example, 1024 x 1024, with grain), each in a process of
its own as a user starts it.  "Whole" is from start to end.  "Running" leaves out the start: it is
the time between the first and the last result.  Needs the extra: pip install ".[ray]".
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bench.support import harness, photographs


def make(folder: Path, count: int) -> None:
    folder.mkdir()
    image = Image.open(photographs.EXAMPLE).convert("RGB").resize((1024, 1024))
    for i in range(count):
        noise = np.random.default_rng(i).normal(0, photographs.GRAIN, (1024, 1024, 1))
        pixels = np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:05}.jpg", quality=92)


def run(source: Path, out: Path, *arguments: str) -> tuple[float, float]:
    """Pictures a second, of the whole and while running."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "defocus", "portrait", str(source), "-o", str(out), "-q"]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    subprocess.run([*command, *arguments], check=True, env=environment)
    whole = time.perf_counter() - start
    times = sorted(path.stat().st_mtime for path in out.iterdir())
    return len(times) / whole, (len(times) - 1) / max(times[-1] - times[0], 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--model", default="u2net")
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp())
    try:
        source = scratch / "in"
        make(source, options.pictures)
        rows = []
        for name, flags in (("plain", ()), ("--ray local", ("--ray", "local"))):
            foreign, children = harness.Foreign(), sum(os.times()[2:4])
            whole, running = run(source, scratch / name, "--model", options.model, *flags)
            others = foreign.cpus(sum(os.times()[2:4]) - children)
            rows.append([name, f"{whole:.2f}", f"{running:.2f}", f"{others:.2f}"])
        head = ["pictures a second", "whole", "running", "CPUs not of this process's children"]
        print(harness.markdown(head, rows))
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
