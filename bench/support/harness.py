"""Fair timing: all that is compared runs in turns in one process; medians are reported."""

from __future__ import annotations

import contextlib
import datetime
import gc
import importlib
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.support import avx2_only

ROOT = Path(__file__).resolve().parents[2]
LEAST, MOST = 3, 31  # rounds
FOREIGN = 0.1  # CPUs; what others may use while something is measured
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Sample(NamedTuple):
    """What one competitor took, in the rounds of one race."""

    ms: float  # median
    rounds: int
    cpus: float  # CPU time by time: how many CPUs it kept busy
    foreign: float  # how many CPUs others kept busy during the race


def race(runners: Mapping[str, Callable[[], object]], seconds: float) -> dict[str, Sample]:
    """Run each in turns, once unmeasured and then until its share of `seconds` is used up.

    Everyone gets LEAST to MOST rounds; the slow ones drop out first, so that every early round
    has them all.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runners}
    rounds = {}
    for name, run in runners.items():
        taken, _ = _time(run)
        share = seconds / len(runners) / max(taken, 1e-7)
        rounds[name] = max(LEAST, min(MOST, int(share)))
    foreign = Foreign()
    with _no_collection():
        for i in range(max(rounds.values())):
            for name, run in runners.items():
                if i < rounds[name]:
                    times[name].append(_time(run))
    others = foreign.cpus()
    return {name: _sample(taken, others) for name, taken in times.items()}


def _time(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the CPUs; what it returns is freed outside of both."""
    cpu, start = time.process_time(), time.perf_counter()
    result = run()
    taken = time.perf_counter() - start, time.process_time() - cpu
    del result
    return taken


def _sample(taken: Sequence[tuple[float, float]], foreign: float) -> Sample:
    wall, cpu = sum(t[0] for t in taken), sum(t[1] for t in taken)
    return Sample(1e3 * statistics.median(t[0] for t in taken), len(taken), cpu / wall, foreign)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextlib.contextmanager
def pinned(count: int) -> Iterator[None]:
    """Bind the whole process, pools that libraries already started included, to `count` CPUs."""
    if not hasattr(os, "sched_setaffinity"):
        print("note: this system cannot bind a process to CPUs")
        yield
        return
    before = os.sched_getaffinity(0)
    # The last CPUs: the first ones serve most interrupts.
    _bind(set(sorted(before)[-count:]))
    try:
        yield
    finally:
        _bind(before)


def _bind(cpus: set[int]) -> None:
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it may just have ended
            os.sched_setaffinity(int(task.name), cpus)


class Foreign:
    """How busy others kept the machine since this was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), _busy(), time.process_time()

    def cpus(self, children: float = 0.0) -> float:
        """Mean number of CPUs that other processes used; NaN where the system does not tell.

        `children` is the CPU seconds of those that do not count as others.
        """
        start, busy, own = self._start
        wall = time.perf_counter() - start
        return max(0.0, (_busy() - busy - (time.process_time() - own) - children) / wall)


def disturbed(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many of the figures are worth little because others were at work."""
    busy = sum(row["foreign"] > FOREIGN for row in rows)
    return f"more than {FOREIGN} CPUs during {busy} of {len(rows)} figures"


def _busy() -> float:
    """CPU seconds that the whole machine has worked."""
    try:
        user, nice, system, _, _, irq, soft, steal = (
            int(word) for word in Path("/proc/stat").read_text("ascii").split()[1:9]
        )
    except (OSError, ValueError):
        return float("nan")
    return (user + nice + system + irq + soft + steal) / TICK


def optional(name: str) -> Any:
    """A module, or None with a note if it, or a library it needs, is not installed."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        print(f"note: without {name} ({str(error).splitlines()[0]})")
        return None


def machine(*libraries: str) -> dict[str, str]:
    """What a reader needs to judge the figures; not the host's name."""
    info = _read("/proc/cpuinfo")
    family = f"family {_field(info, 'cpu family')} model {_field(info, 'model')}"
    versions = [f"{name} {_version(name)}" for name in ("defocus", "numpy", *libraries)]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": _commit(),
        "cpu": f"{_field(info, 'model name')} ({family}){_hidden()}",
        "cpus": str(os.cpu_count()),
        "virtual": "yes" if "hypervisor" in info else "not known",
        "cache": ", ".join(_caches()),
        "memory": f"{int(_field(_read('/proc/meminfo'), 'MemTotal', '0 kB').split()[0]) >> 20} GiB",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(versions),
    }


def _hidden() -> str:
    return ", as one with AVX2 only" if avx2_only.VARIABLE in os.environ else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""


def _field(text: str, name: str, default: str = "?") -> str:
    found = re.search(rf"^{name}\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else default


def _caches() -> Iterator[str]:
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind, level, size = (_read(f"{folder}/{x}").strip() for x in ("type", "level", "size"))
        if kind != "Instruction":
            yield f"L{level} {size}"


def _version(name: str) -> str:
    module = optional(name)
    return "not installed" if module is None else str(getattr(module, "__version__", "?"))


def _commit() -> str:
    """The commit measured; a plus if files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--abbrev=10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def markdown(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("| --- |" + " ---: |" * (len(header) - 1))
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three significant digits, without exponents."""
    if value != value:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}" if value >= 1 else f"{value:.3f}"


def described(machine: Mapping[str, str]) -> str:
    """The machine as a Markdown list."""
    return "".join(f"- {name}: {value}\n" for name, value in machine.items())
