"""A folder of photographs through the command line, against what bounds it and what people use.

    python -m bench.speed.batch [--count 40] [--megapixels 2] [--rembg FILE] [--markdown FILE]

Photographs are made from examples/ at so many megapixels (JPEG, with a camera's grain).  In turns:

- the network alone: nothing but `Segmenter.mask` of small pictures that are in memory, on as many
  threads, in the better of the two ways to use them (several pictures at once, or one on all);
- `defocus cutout` and `defocus portrait` of the folder.  Pictures a second are given for the whole
  process from start to end, and "running": from its fourth picture on, without start and loading;
- the portraits once more with `--provider openvino`, if it is installed;
- `rembg p` with the full U-2-Net, to PNG as it always is, if `--rembg` names its script, with the
  weights in U2NET_HOME.  Of it, too, running means from the fourth result on.

MB (10^6 bytes) are resident in the process, as looked at 50 times a second: the most up to a
quarter of the pictures, and of all.  "Others" is how many CPUs other processes kept busy meanwhile.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from bench.support import harness, photographs, processes
from defocus import Segmenter
from defocus.threads import available_threads

FIRST = 4  # pictures after which a process is up to speed
POLL = 0.02
INFERENCES = 24


class Run(NamedTuple):
    """Pictures a second and MB of one process."""

    whole: float
    running: float
    early: float
    most: float
    foreign: float


def make(folder: Path, count: int, megapixels: float) -> None:
    """Write `count` photographs: the examples in turns, every second one mirrored."""
    rng = np.random.default_rng(5)
    examples = [p for p in sorted((harness.ROOT / "examples").glob("*.jpg")) if _has_subject(p)]
    folder.mkdir()
    for number in range(count):
        image = Image.open(examples[number % len(examples)]).convert("RGB")
        scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
        size = round(image.width * scale), round(image.height * scale)
        large = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
        noise = rng.normal(0, photographs.GRAIN, (*large.shape[:2], 1))
        pixels = np.clip(large + noise, 0, 255).astype(np.uint8)
        picture = Image.fromarray(pixels[:, :: 1 - 2 * (number // len(examples) % 2)])
        picture.save(folder / f"{number:04}.jpg", quality=92, subsampling="4:2:0")


def _has_subject(path: Path) -> bool:
    return path.stem != "rocket"  # at some sizes just below the threshold


def network_alone() -> dict[str, float]:
    """Inferences a second, for each way to use the threads."""
    total = available_threads()
    small = np.random.default_rng(0).integers(0, 256, (640, 640, 3), dtype=np.uint8)
    rates = {}
    for jobs in {total, 1}:
        segmenter = Segmenter(threads=total // jobs)
        with ThreadPoolExecutor(jobs) as pool:
            run = [small] * INFERENCES
            list(pool.map(segmenter.mask, run[: 2 * jobs]))
            start = time.perf_counter()
            list(pool.map(segmenter.mask, run))
            rates[f"{jobs} at once"] = INFERENCES / (time.perf_counter() - start)
    return rates


def follow(command: Sequence[str], out: Path, count: int) -> Run:
    """Run a command that makes `count` files in `out`, and watch them appear."""
    threads = available_threads()
    foreign, before = harness.Foreign(), _of_children()
    start = time.perf_counter()
    times: list[float] = []
    memory: list[float] = []
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, env=processes.environment(threads), stdout=output, stderr=output
        )
        while process.poll() is None:
            made = sum(not entry.name.startswith(".") for entry in os.scandir(out))
            now = time.perf_counter() - start
            while len(times) < made:
                times.append(now)
                memory.append(processes.resident(process.pid))
            time.sleep(POLL)
        end = time.perf_counter() - start
        if process.returncode or len([*out.iterdir()]) != count:
            output.seek(0)
            raise RuntimeError(
                f"{command} ended with {process.returncode}: {output.read()[-2000:]}"
            )
    memory = [value for value in memory if value == value] or [float("nan")]
    running = (len(times) - FIRST) / (times[-1] - times[FIRST - 1])
    early = max(memory[: max(1, len(memory) // 4)])
    others = foreign.cpus(_of_children() - before)
    return Run(count / end, running, early, max(memory), others)


def _of_children() -> float:
    """CPU seconds of the children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def measure(count: int, megapixels: float, rembg: Path | None) -> tuple[float, dict[str, Run]]:
    """The bound, and everyone's run on the same folder."""
    commands = {
        f"defocus {work}": [sys.executable, "-m", "defocus", work, "IN", "-o", "OUT", "-q"]
        for work in ("cutout", "portrait")
    }
    commands["defocus portrait --effort fast"] = [*commands["defocus portrait"], "--effort=fast"]
    if importlib.util.find_spec("openvino"):
        by_openvino = [*commands["defocus portrait"], "--provider=openvino"]
        commands["defocus portrait --provider openvino"] = by_openvino
    if rembg is not None:
        commands["rembg p -m u2net"] = [str(rembg), "p", "-m", "u2net", "IN", "OUT"]
    runs = {}
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "in")
        make(source, count, megapixels)
        bound = max(network_alone().values())
        for number, (name, command) in enumerate(commands.items()):
            out = Path(scratch, f"out{number}")
            out.mkdir()
            places = {"IN": str(source), "OUT": str(out)}
            runs[name] = follow([places.get(word, word) for word in command], out, count)
        bound = max(bound, *network_alone().values())
    return bound, runs


def table(bound: float, runs: dict[str, Run], title: str) -> str:
    """Markdown."""
    peer = next((run for name, run in runs.items() if name.startswith("rembg")), None)
    rows = [["the network alone", "", f"{bound:.2f}", "1", *[""] * 5]]
    for name, run in runs.items():
        rates = [f"{run.whole:.2f}", f"{run.running:.2f}", f"{run.running / bound:.2f}"]
        times = ["", ""]
        if peer:
            times = [f"{run.whole / peer.whole:.1f}", f"{run.running / peer.running:.1f}"]
        rows.append(
            [name, *rates, *times, f"{run.early:.0f}", f"{run.most:.0f}", f"{run.foreign:.2f}"]
        )
    header = [
        title,
        "pictures/s",
        "running",
        "of the bound",
        "x rembg p",
        "running",
        "MB, 1st quarter",
    ]
    header += ["MB", "others"]
    return harness.markdown(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Throughput on a folder.")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--megapixels", type=float, default=2.0)
    parser.add_argument(
        "--rembg", type=Path, help="the script `rembg` of an environment that has it"
    )
    parser.add_argument("--markdown", type=Path, help="add the table here, too")
    options = parser.parse_args()
    title = f"{options.count} of {options.megapixels:g} MP, {available_threads()} threads"
    bound, runs = measure(options.count, options.megapixels, options.rembg)
    text = table(bound, runs, title)
    print(text)
    if options.markdown:
        with options.markdown.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")


if __name__ == "__main__":
    main()
