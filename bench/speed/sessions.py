"""What the options of an ONNX Runtime session cost and save, for one network.

    python -m bench.speed.sessions [--model NAME|FILE] [--threads 2] [--runs 30] [--markdown FILE]

Every row is a process of its own.  It builds the network as `defocus.models.session` does, but for
what the row says.  ms: from the file's check to the session ("build"), the first inference, the
median of the others.  MB (10^6 bytes): resident in the whole process when built, at the end, at its
peak.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.support import harness
from defocus import models
from defocus.models import session
from defocus.models.network import input_of, output_of

SAVED = Path(tempfile.gettempdir()) / "defocus-bench-sessions.onnx"
COLUMNS = ("build ms", "first ms", "run ms", "built MB", "end MB", "peak MB")


def level(name: str) -> Callable[[Any, Any], None]:
    def change(runtime: Any, options: Any) -> None:
        options.graph_optimization_level = getattr(runtime.GraphOptimizationLevel, name)

    return change


def saved_graph(runtime: Any, options: Any) -> None:
    options.optimized_model_filepath = str(SAVED)


def option(name: str, value: object) -> Callable[[Any, Any], None]:
    return lambda runtime, options: setattr(options, name, value)


def nothing(runtime: Any, options: Any) -> None:
    """As shipped."""


# What differs in the session's options; the other differences are in `measure`.
VARIANTS: dict[str, Callable[[Any, Any], None]] = {
    "as shipped": nothing,
    "from bytes": nothing,
    "without malloc_trim": nothing,
    "memory pattern": option("enable_mem_pattern", True),
    "buffers used again by plan": option("enable_mem_reuse", True),
    "no arena": option("enable_cpu_mem_arena", False),
    "arena shrunk after each run": nothing,
    "extended optimisation": level("ORT_ENABLE_EXTENDED"),
    "basic optimisation": level("ORT_ENABLE_BASIC"),
    "while saving the optimised graph": saved_graph,
    "from the saved optimised graph": level("ORT_DISABLE_ALL"),
}


def measure(variant: str, model: str, threads: int, runs: int) -> list[float]:
    """The figures of one row, in this process."""
    runtime = session.import_onnxruntime()
    spec = models.find(model)
    options = session._options(runtime, threads)
    VARIANTS[variant](runtime, options)
    start = time.perf_counter()
    path = models.locate(spec)
    if variant == "from the saved optimised graph":
        path = SAVED
    file = path.read_bytes() if variant == "from bytes" else str(path)
    network = runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    if variant != "without malloc_trim":
        session._trim_heap()
    built = time.perf_counter()
    at_first = resident("VmRSS")
    size, source, _ = input_of(spec, network.get_inputs())
    target = output_of(spec, [end.name for end in network.get_outputs()])
    image = np.random.default_rng(0).normal(0, 1, (1, 3, *size[::-1])).astype(np.float32)
    settings = runtime.RunOptions()
    if variant == "arena shrunk after each run":
        settings.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        network.run([target], {source: image}, settings)
        times.append(time.perf_counter() - begin)
    later = statistics.median(times[1:] or times)
    spent = [1e3 * seconds for seconds in (built - start, times[0], later)]
    return [*spent, at_first, resident("VmRSS"), resident("VmHWM")]


def resident(field: str) -> float:
    """MB of this process, or NaN where the system does not tell."""
    status = Path("/proc/self/status")
    found = status.exists() and re.search(rf"^{field}:\s+(\d+) kB", status.read_text("ascii"), re.M)
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def row(variant: str, arguments: argparse.Namespace) -> list[float]:
    """The figures of one row, in a process of its own."""
    command = [sys.executable, "-m", "bench.speed.sessions", "--only", variant]
    command += ["--model", arguments.model, "--threads", str(arguments.threads)]
    command += ["--runs", str(arguments.runs)]
    done = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, check=True)
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the options of a session.")
    parser.add_argument("--model", default=models.DEFAULT_MODEL, help="a name or an ONNX file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--markdown", type=Path, help="write the table here, too")
    parser.add_argument("--only", choices=VARIANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.model, options.threads, options.runs)))
        return
    lines = [f"| {Path(options.model).name}, {options.threads} threads | {' | '.join(COLUMNS)} |"]
    lines.append("| --- |" + " ---: |" * len(COLUMNS))
    for variant in VARIANTS:
        figures = row(variant, options)
        lines.append(f"| {variant} | {' | '.join(f'{figure:.0f}' for figure in figures)} |")
    SAVED.unlink(missing_ok=True)
    table = "\n".join(lines) + "\n"
    print(table)
    if options.markdown:
        options.markdown.write_text(table, "utf-8")


if __name__ == "__main__":
    main()
