"""Where the time goes from JPEG to JPEG: every stage, the whole, memory, and the first picture.

    python -m bench.speed.pipeline [FOLDER] [--model NAME] [--threads N] [--quick]
                                   [--json FILE] [--markdown FILE]

FOLDER holds photographs (.jpg); without it the example is used, enlarged to 12 MP, with grain.
See README.md beside this file for the method and the units.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import defocus
from bench.speed import end_to_end
from bench.support import harness, photographs, processes, reports
from defocus.io import decode, results, save
from defocus.models import DEFAULT_MODEL
from defocus.models.interface import network_input
from defocus.models.view import View
from defocus.options import Lens, Look
from defocus.pipeline.find import read_and_find
from defocus.render import composite
from defocus.subject import subject as subject_module

Row = dict[str, Any]
PERCENTILES = (50, 90, 99)

COLD_LIBRARY = """\
import sys, defocus
_, model, threads, source, target = sys.argv
segmenter = defocus.Segmenter(model, threads=int(threads))
defocus.save(defocus.portrait(source, segmenter=segmenter), target)
"""


def stages(
    source: Path, scratch: Path, segmenter: defocus.Segmenter
) -> dict[str, Callable[[], Any]]:
    """By name, in their order; each starts from what the one before it gave."""
    threads, spec, size = segmenter.threads, segmenter.spec, segmenter.input_size
    photo = decode.read(source)
    network = segmenter._network()
    tensor = network_input(View(photo.pixels, threads or 1), spec, size)
    raw = segmenter.mask(photo.pixels)
    sigma = Lens().sigma_pixels(*photo.size)

    def composed() -> Any:
        look = Look()
        return composite.portrait(photo.pixels, raw, sigma, look, threads, guided=True, rgbx=True)

    blurred = composed()
    image = results.to_output(blurred, photo, opaque=True)

    return {
        "decode": lambda: decode.read(source),
        "preprocess": lambda: network_input(View(photo.pixels, threads or 1), spec, size),
        "inference": lambda: network(tensor),
        "refine": lambda: subject_module.refine(raw, photo.pixels, photo.size, 0.0),
        "composite": composed,
        "give image": lambda: results.to_output(blurred, photo, opaque=True),
        "encode": lambda: save.save(image, scratch / "stage.jpg"),
        "decode and find": lambda: read_and_find(source, segmenter=segmenter),
        "portrait, file to file": lambda: _whole(source, scratch, segmenter),
        "copy of the pixels": photo.pixels.copy,
    }


def _whole(source: Path, scratch: Path, segmenter: defocus.Segmenter) -> None:
    photo, subject = read_and_find(source, segmenter=segmenter)
    subject.confidence = 1.0  # a photograph without a subject takes its time, too
    result = defocus.portrait(photo, subject=subject, segmenter=segmenter)
    save.save(result, scratch / "whole.jpg")


def warm(sources: list[Path], segmenter: defocus.Segmenter, seconds: float) -> Iterator[Row]:
    """Percentiles over all photographs and rounds; the stages take turns."""
    with tempfile.TemporaryDirectory() as name:
        every = [stages(source, Path(name), segmenter) for source in sources]
        times: dict[str, list[float]] = {stage: [] for stage in every[0]}
        for first in every[0].values():
            first()
        foreign = harness.Foreign()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(times["encode"]) < harness.LEAST:
            for runners in every:
                for stage, run in runners.items():
                    start = time.perf_counter()
                    result = run()
                    times[stage].append(1e3 * (time.perf_counter() - start))
                    del result
    others = foreign.cpus()
    for stage, taken in times.items():
        levels = np.percentile(taken, PERCENTILES)
        figures = {f"p{p}": float(level) for p, level in zip(PERCENTILES, levels, strict=True)}
        yield {"stage": stage, "rounds": len(taken), "foreign": others, **figures}


def memory(source: Path, scratch: Path, model: str, threads: int) -> Row:
    """MB resident before the first photograph, after ten, and at most."""
    work = end_to_end.Work("portrait", end_to_end.OURS, model)
    child = processes.Child("bench.speed.end_to_end", *work, threads=threads)
    ready = child.ask()["resident"]
    for _ in range(10):
        last = child.ask(f"{source}\t{scratch / 'memory.jpg'}")
    child.end()
    return {"ready": ready, "after": last["resident"], "peak": last["peak"]}


def cold(source: Path, scratch: Path, model: str, threads: int, rounds: int) -> Iterator[Row]:
    """Milliseconds from the start of a process to its end, the file written."""
    target = scratch / "cold.jpg"
    files = [str(source), str(target)]
    options = ["--model", model, "--threads", str(threads)]
    commands = {
        "library": [sys.executable, "-c", COLD_LIBRARY, model, str(threads), *files],
        "command line": [sys.executable, "-m", "defocus", "portrait", *options, *files],
    }
    for name, command in commands.items():
        figures = [processes.cold(command, target, threads) for _ in range(rounds)]
        yield {
            "way": name,
            "ms": statistics.median(figure[0] for figure in figures),
            "peak": max(figure[1] for figure in figures),
        }


def tables(found: dict[str, Any]) -> str:
    number = harness.number
    lines = [
        [row["stage"], *(number(row[f"p{p}"]) for p in PERCENTILES), row["rounds"]]
        for row in found["stages"]
    ]
    header = ["warm, ms", *(f"p{p}" for p in PERCENTILES), "rounds"]
    parts = ["## Stages\n\n" + harness.markdown(header, lines)]
    lines = [[row["way"], f"{row['ms']:.0f}", f"{row['peak']:.0f}"] for row in found["cold"]]
    title = "## First picture, from the start of the process\n\n"
    parts.append(title + harness.markdown(["", "ms", "peak MB"], lines))
    names = {"ready": "before the first", "after": "after ten", "peak": "at most"}
    lines = [[title, f"{found['memory'][key]:.0f}"] for key, title in names.items()]
    parts.append("## Resident memory\n\n" + harness.markdown(["", "MB"], lines))
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time every stage from JPEG to JPEG.")
    parser.add_argument("folder", nargs="?", type=Path, help="of .jpg files")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--threads", type=int, default=end_to_end.THREADS)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    reports.add_files(parser)
    options = parser.parse_args()

    model, threads = options.model, options.threads
    with tempfile.TemporaryDirectory() as name, harness.pinned(threads):
        scratch = Path(name)
        sources = photographs.jpegs(options.folder, scratch)
        segmenter = defocus.Segmenter(model, threads=threads)
        segmenter.warmup()
        found: dict[str, Any] = {
            "stages": list(warm(sources, segmenter, 3.0 if options.quick else 30.0)),
            "cold": list(cold(sources[0], scratch, model, threads, 2 if options.quick else 7)),
            "memory": memory(sources[0], scratch, model, threads),
        }
        megapixels = [photographs.megapixels(source) for source in sources]
    machine = harness.machine("PIL", "onnxruntime")
    machine["photographs"] = f"{len(sources)}, {min(megapixels):.1f} to {max(megapixels):.1f} MP"
    machine["network"] = f"{model}, {threads} threads"
    machine["other processes"] = f"{found['stages'][0]['foreign']:.2f} CPUs on average"
    reports.publish(options, "From JPEG to JPEG", machine, tables(found), found)


if __name__ == "__main__":
    main()
