"""The same work as OpenCV, Pillow, libvips and scipy do it: speed and accuracy from one run.

    python -m bench.peers.compare [--quick | --end-to-end] [--json FILE] [--markdown FILE]
                                  [--chart FILE]

Needs the extra `bench`, and for the work from file to file `rembg` (extra `bench-rembg`).
See README.md beside this file for the method and the units.
"""

from __future__ import annotations

import os

os.environ["VIPS_CONCURRENCY"] = "1"  # libvips reads it when it is loaded

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench.peers import accuracy, chart, targets
from bench.peers import libraries as peers
from bench.speed import end_to_end, memory
from bench.support import harness, patterns, reports, truth
from defocus import kernels

Row = dict[str, Any]

MEMORY = (peers.OURS, peers.LINEAR, peers.OPENCV, peers.EXPERT, peers.PILLOW)


class Case(NamedTuple):
    """One work on one size; everyone in it runs in turns."""

    work: str
    size: str
    sigma: float

    @property
    def title(self) -> str:
        sigma = f", sigma {self.sigma:.3g}" if self.sigma else ""
        return f"{self.work}, {self.size}{sigma}"


def stage(size: str) -> Case:
    """The portrait stage with the same look at any size."""
    return Case("stage", size, memory.stage_sigma(patterns.SIZES[size][0]))


CASES = (
    *(Case("blur", "2 MP", sigma) for sigma in (2.0, 5.0, 10.0, 20.0)),
    Case("blur", "12 MP", 20.0),
    stage("0.3 MP"),
    stage("2 MP"),
    stage("12 MP"),
    *(Case("cutout", size, 0.0) for size in ("0.3 MP", "2 MP", "12 MP")),
    *(Case("blend", size, 0.0) for size in ("2 MP", "12 MP")),
)


def runners(case: Case, on: peers.Pictures) -> peers.Runners:
    """Everyone who takes part."""
    makers: dict[str, Callable[[], peers.Runners]] = {
        "blur": partial(peers.blurs, on, case.sigma),
        "stage": partial(peers.stages, on, case.sigma),
        "cutout": partial(peers.cutouts, on),
        "blend": partial(peers.blends, on),
    }
    return makers[case.work]()


def compare(case: Case, on: peers.Pictures, seconds: float) -> Iterator[Row]:
    """One race on one CPU, and everyone's error."""
    run = runners(case, on)
    judge = accuracy.Judge(on, case.sigma, truth.windows(on.width, on.height))
    with harness.pinned(1):
        samples = harness.race(run, seconds)
    for name, sample in samples.items():
        judged = name not in {peers.COPY, *peers.AT_V3}
        error = judge.error(case.work, name, run[name]()) if judged else None
        yield {
            **case._asdict(),
            "name": name,
            **sample._asdict(),
            "copies": sample.ms / samples[peers.COPY].ms,
            "times_ours": sample.ms / samples[peers.OURS].ms,
            **(error._asdict() if error else {}),
        }


def race_threads(size: str, on: peers.Pictures, seconds: float) -> Iterator[Row]:
    """What a second thread gives: both ways in one race on two CPUs."""
    sigma = stage(size).sigma
    works: dict[str, Callable[..., Any]] = {
        "blur": partial(kernels.gaussian_blur, on.image, sigma),
        "stage": partial(kernels.portrait_stage, on.image, on.mask, sigma, **peers.PLAIN),
        "stage, masked, linear": partial(kernels.portrait_stage, on.image, on.mask, sigma),
        "cutout": partial(kernels.cutout_stage, on.image, on.mask),
        "blend": partial(kernels.blend, on.image, on.other, on.alpha),
    }
    for work, run in works.items():
        both: peers.Runners = {str(count): partial(run, threads=count) for count in (1, 2)}
        with harness.pinned(2):
            samples = harness.race(both, seconds)
        one, two = samples["1"].ms, samples["2"].ms
        yield {
            "work": work,
            "size": size,
            "ms": one,
            "ms_2": two,
            "speed_up": one / two,
            "foreign": samples["2"].foreign,
        }


def measure_memory(sizes: tuple[str, ...]) -> Iterator[Row]:
    for size in sizes:
        for name in MEMORY:
            if peers.cv2 is not None or not name.startswith("OpenCV"):
                yield {"size": size, "name": name, "mb": memory.peak(name, size)}


def measure(quick: bool) -> dict[str, list[Row]]:
    """Everything, by kind; --quick leaves out what is large."""
    sizes = ("0.3 MP", "2 MP") if quick else ("0.3 MP", "2 MP", "12 MP")
    seconds = 0.5 if quick else 4.0
    # First, before other libraries have threads of their own, which wait for work on our CPUs.
    threads = list(race_threads(sizes[-1], peers.Pictures.of(sizes[-1]), seconds / 4))
    speed: list[Row] = []
    for size in sizes:
        on = peers.Pictures.of(size)
        for case in CASES:
            if case.size == size:
                speed += compare(case, on, seconds)
    return {
        "speed": speed,
        "threads": threads,
        "memory": list(measure_memory(("2 MP",) if quick else ("2 MP", "24 MP"))),
        "patterns": list(accuracy.on_patterns((2.0, 10.0) if quick else accuracy.EXACT_SIGMAS)),
        "files": [] if quick else end_to_end.measure(40.0),
    }


def files_only() -> dict[str, list[Row]]:
    """The work from file to file; all else stays unmeasured."""
    nothing: dict[str, list[Row]] = {
        kind: [] for kind in ("speed", "threads", "memory", "patterns")
    }
    return {**nothing, "files": end_to_end.measure(40.0)}


def tables(found: dict[str, list[Row]]) -> str:
    """Markdown: targets, a table a case, threads, memory, patterns."""
    number, parts = harness.number, ["## Targets\n\n" + targets.table(found)]
    if found["files"]:
        title = "## From file to file, 12 MP JPEG, 2 threads\n\n"
        parts.append(title + end_to_end.table(found["files"]))
    if not found["speed"]:
        return "\n".join(parts)
    for case in CASES:
        rows = [
            row for row in found["speed"] if all(row[k] == v for k, v in case._asdict().items())
        ]
        if rows:
            lines = [
                [
                    row["name"],
                    number(row["ms"]),
                    number(row["copies"]),
                    number(row["times_ours"]),
                    f"{row['levels']:.0f}" if "levels" in row else "",
                    f"{row['psnr']:.2f}" if "psnr" in row else "",
                ]
                for row in sorted(rows, key=lambda row: float(row["ms"]))
            ]
            header = ["", "ms", "x copy", "x defocus", "max error", "PSNR dB"]
            parts.append(f"## {case.title}\n\n{harness.markdown(header, lines)}")
    lines = [
        [f"{r['work']}, {r['size']}", number(r["ms"]), number(r["ms_2"]), number(r["speed_up"])]
        for r in found["threads"]
    ]
    header = ["", "1 thread ms", "2 threads ms", "speed-up"]
    parts.append("## Threads\n\n" + harness.markdown(header, lines))
    lines = [[f"{r['name']}, {r['size']}", f"{r['mb']:.1f}"] for r in found["memory"]]
    title = "## Memory of the stage beyond input and result\n\n"
    parts.append(title + harness.markdown(["", "MB"], lines))
    lines = [
        [
            f"{r['work']}, {r['name']}, sigma {r['sigma']:g}",
            f"{r['levels']:.0f}",
            r["levels_on"],
            f"{r['psnr']:.2f}",
            f"{max(r['loss'], 0):.2f}",
            r["loss_on"],
        ]
        for r in found["patterns"]
    ]
    header = ["", "max error", "on", "least PSNR dB", "lost against perfect dB", "on"]
    parts.append("## Worst over all patterns\n\n" + harness.markdown(header, lines))
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare speed and accuracy with other libraries.")
    parser.add_argument("--quick", action="store_true", help="up to 2 MP, few rounds")
    parser.add_argument("--end-to-end", action="store_true", help="from file to file only")
    reports.add_files(parser)
    parser.add_argument("--chart", type=Path, metavar="FILE", help="an .svg or .png")
    options = parser.parse_args()

    found = files_only() if options.end_to_end else measure(options.quick)
    machine = harness.machine("PIL", "cv2", "scipy", "pyvips", "onnxruntime", "rembg")
    if peers.pyvips is not None:
        machine["libvips"] = ".".join(str(peers.pyvips.version(part)) for part in range(3))
    warm = [row for row in found["files"] if row["kind"] == "warm"]
    disturbable = [*found["speed"], *found["threads"], *warm]
    machine["other processes"] = harness.disturbed(disturbable)
    document = {"targets": targets.judged(found), **found}
    reports.publish(options, "Against other libraries", machine, tables(found), document)
    if options.chart and found["speed"]:
        chart.draw(found["speed"], found["files"], options.chart)


if __name__ == "__main__":
    main()
