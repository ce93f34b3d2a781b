"""From file to file: where the CPU time of a photograph goes, and this build beside an older one.

    python -m bench.speed.file_to_file [--before PYTHON] [--quick] [--json FILE] [--markdown FILE]
                                       [--chart FILE]

PYTHON is the interpreter of an environment in which another commit of defocus is installed.  Both
builds work in processes of their own, in turns on the same photographs, so that a slow phase of the
machine slows both.  CPU time is that of one thread, from the file to the written file.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from bench.speed import batch, file_to_file_chart
from bench.support import harness, photographs, processes, reports
from defocus.models import DEFAULT_MODEL

Row = dict[str, Any]

CHILD = Path(__file__).with_name("file_to_file_child.py")
SIZES = (0.5, 2.0, 12.0, 24.0)  # MP
EXAMPLE = harness.ROOT / "examples" / "coffee.jpg"  # whose mask needs no second run of the network
STAGES = ("decode", "network", "refine", "render", "encode")
SMALL = "u2netp"
NEW, OLD = "now", "before"


class Work(NamedTuple):
    """What is done; `megapixels` is 0 for the network alone."""

    work: str
    megapixels: float
    threads: int
    model: str = DEFAULT_MODEL

    @property
    def target(self) -> str:
        return "out.png" if self.work == "cutout" else "out.jpg"


CPU = (
    *(Work("portrait", size, 1) for size in SIZES),
    Work("cutout", 2.0, 1),
    Work("cutout", 12.0, 1),
    Work("network", 0.0, 1),
)
WALL = tuple(
    Work(work, 0.0 if work == "network" else 12.0, 2, model)
    for model in (DEFAULT_MODEL, SMALL)
    for work in ("network", "portrait")
)
FOLDERS = (("portrait", 2.0, 20), ("cutout", 2.0, 20), ("portrait", 12.0, 12))


class Build:
    """A build of defocus: its interpreter, and a process that works for us."""

    def __init__(self, python: str) -> None:
        self.python = python
        self._process = subprocess.Popen(
            [python, "-P", str(CHILD)],
            env=processes.environment(2),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, work: Work, source: Path, scratch: Path) -> Row:
        """Do one work once."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {**work._asdict(), "source": str(source), "target": str(scratch / work.target)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.python} ended with {self._process.wait()}")
        found: Row = json.loads(answer)
        return found

    def end(self) -> None:
        self._process.communicate()


def in_turns(
    builds: dict[str, str], works: tuple[Work, ...], sources: dict[float, Path], rounds: int
) -> list[Row]:
    """The median of every figure, for each work and build."""
    found: dict[tuple[str, Work], list[Row]] = {}
    with tempfile.TemporaryDirectory() as name:
        children = {build: Build(python) for build, python in builds.items()}
        for _ in range(rounds):
            for work in works:
                for build, child in children.items():
                    # The first of a turn is not counted: while a process rests, the system may take
                    # back the memory that it has freed.
                    child.run(work, sources[work.megapixels], Path(name))
                    row = child.run(work, sources[work.megapixels], Path(name))
                    found.setdefault((build, work), []).append(row)
        for child in children.values():
            child.end()
    return [
        {"build": build, **work._asdict(), **_median(rows)}
        for (build, work), rows in sorted(found.items(), key=lambda item: works.index(item[0][1]))
    ]


def _median(rows: list[Row]) -> Row:
    middle: Row = {
        name: statistics.median(row[name] for row in rows) for name in ("ms", "cpu", "peak")
    }
    stages = {stage: [row["stages"].get(stage, 0.0) for row in rows] for stage in STAGES}
    middle["stages"] = {stage: statistics.median(times) for stage, times in stages.items()}
    return middle


def cold(builds: dict[str, str], source: Path, rounds: int) -> list[Row]:
    """Milliseconds from the start of the command to its end, the file written."""
    taken: dict[str, list[tuple[float, float]]] = {build: [] for build in builds}
    with tempfile.TemporaryDirectory() as name:
        target = Path(name, "out.jpg")
        for _ in range(rounds):
            for build, python in builds.items():
                command = [python, "-P", "-m", "defocus", "portrait", "--threads", "2"]
                command += [str(source), str(target)]
                taken[build].append(processes.cold(command, target, 2))
    return [
        {
            "build": build,
            "ms": statistics.median(ms for ms, _ in figures),
            "peak": max(peak for _, peak in figures),
        }
        for build, figures in taken.items()
    ]


def folders(builds: dict[str, str], rounds: int) -> list[Row]:
    """Photographs a second of the command on a folder, beside the network alone."""
    rows: list[Row] = []
    for work, megapixels, count in FOLDERS:
        with tempfile.TemporaryDirectory() as name:
            source = Path(name, "in")
            batch.make(source, count, megapixels)
            rates: dict[str, list[batch.Run]] = {build: [] for build in builds}
            bound = []
            for number in range(rounds):
                for build, python in builds.items():
                    out = Path(name, f"{build}{number}")
                    out.mkdir()
                    command = [python, "-P", "-m", "defocus", work]
                    command += [str(source), "-o", str(out), "-q"]
                    rates[build].append(batch.follow(command, out, count))
                bound.append(max(batch.network_alone().values()))
        for build, runs in rates.items():
            running = statistics.median(run.running for run in runs)
            most = max(run.most for run in runs)
            rows.append(
                {
                    "build": build,
                    "work": work,
                    "megapixels": megapixels,
                    "count": count,
                    "running": running,
                    "bound": statistics.median(bound),
                    "peak": most,
                }
            )
    return rows


def measure(before: str | None, quick: bool) -> Row:
    """Everything, by kind."""
    builds = ({OLD: before} if before else {}) | {NEW: sys.executable}
    rounds = 2 if quick else 7
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sources: dict[float, Path] = {0.0: EXAMPLE}
        for size in SIZES:
            sources[size] = photographs.enlarged(EXAMPLE, size, scratch / f"{size:g}.jpg")
        found: Row = {
            "cpu": in_turns(builds, CPU, sources, rounds),
            "wall": in_turns(builds, WALL, sources, rounds),
            "cold": cold(builds, sources[12.0], 3 if quick else 7),
        }
    return {**found, "folders": folders(builds, 1 if quick else 3)}


def tables(found: Row) -> str:
    """Markdown: CPU time by stage, time on two threads, cold start, folders."""
    number = harness.number
    lines = [
        [
            _title(row),
            row["build"],
            *(number(row["stages"][stage]) for stage in STAGES),
            number(row["cpu"]),
        ]
        for row in found["cpu"]
    ]
    parts = [
        "## CPU time, one thread\n\n"
        + harness.markdown(["ms", "", *STAGES, "whole, with the rest"], lines)
    ]
    alone = {(row["build"], row["model"]): row["ms"] for row in found["wall"] if _bare(row)}
    lines = [
        [
            f"{_title(row)}, {row['model']}",
            row["build"],
            number(row["ms"]),
            "" if _bare(row) else f"{row['ms'] / alone[row['build'], row['model']]:.2f}",
        ]
        for row in found["wall"]
    ]
    header = ["warm, two threads", "", "ms", "x the network alone"]
    parts.append("## Time, two threads\n\n" + harness.markdown(header, lines))
    lines = [[row["build"], f"{row['ms']:.0f}", f"{row['peak']:.0f}"] for row in found["cold"]]
    title = "## The command, from its start to the written file, 12 MP\n\n"
    parts.append(title + harness.markdown(["", "ms", "peak MB"], lines))
    lines = [
        [
            f"{row['count']} {row['work']}s of {row['megapixels']:g} MP",
            row["build"],
            f"{row['running']:.2f}",
            f"{row['running'] / row['bound']:.2f}",
            f"{row['peak']:.0f}",
        ]
        for row in found["folders"]
    ]
    header = ["folder, running", "", "photographs/s", "of the network alone", "peak MB"]
    parts.append("## Folders\n\n" + harness.markdown(header, lines))
    return "\n".join(parts)


def _bare(row: Row) -> bool:
    return bool(row["work"] == "network")


def _title(row: Row) -> str:
    return "network alone" if _bare(row) else f"{row['work']}, {row['megapixels']:g} MP"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time photographs from file to file.")
    parser.add_argument("--before", metavar="PYTHON", help="of an environment with another build")
    parser.add_argument("--quick", action="store_true", help="few rounds")
    reports.add_files(parser)
    parser.add_argument("--chart", type=Path, metavar="FILE", help="an .svg or .png")
    options = parser.parse_args()

    found = measure(options.before, options.quick)
    machine = harness.machine("PIL", "simplejpeg", "isal", "onnxruntime")
    reports.publish(options, "From file to file", machine, tables(found), found)
    if options.chart:
        file_to_file_chart.draw(found["cpu"], options.chart)


if __name__ == "__main__":
    main()
