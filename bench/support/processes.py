"""What only a process of its own can tell: time from its start, resident memory, and its peak."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from bench.support import harness

PAUSE = 0.1  # seconds between turns, in which a library's threads fall asleep


class Child:
    """`python -m MODULE ARGUMENTS`, which does its work once for every line it is sent.

    It answers each line with one of JSON.
    """

    def __init__(self, module: str, *arguments: str, threads: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=harness.ROOT,
            env=environment(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str = "") -> dict[str, Any]:
        """The answer to `line`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}")
        time.sleep(PAUSE)
        result: dict[str, Any] = json.loads(answer)
        return result

    def end(self) -> None:
        """Let it end; it does when its input does."""
        self.process.communicate()


def answer(channel: IO[str], **what: object) -> None:
    """For children: one line to the parent."""
    channel.write(json.dumps(what) + "\n")
    channel.flush()


@contextlib.contextmanager
def own_stdout() -> Iterator[IO[str]]:
    """For children: the way to the parent, while what libraries print goes to stderr."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with channel:
        yield channel


def cold(command: Sequence[str], target: Path, threads: int) -> tuple[float, float]:
    """Milliseconds from a process's start to its end with `target` written, and its peak in MB."""
    target.unlink(missing_ok=True)
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=harness.ROOT, env=environment(threads), stdout=output, stderr=output
        )
        watcher = _Watcher(process.pid)
        watcher.start()
        code = process.wait()
        taken = time.perf_counter() - start
        watcher.join()
        if code or not target.exists():
            output.seek(0)
            raise RuntimeError(f"{command} failed: {output.read()}")
    return 1e3 * taken, watcher.peak


class _Watcher(threading.Thread):
    """Looks at another process's peak until it ends.

    What the system tells of a process that has ended includes what its parent had resident.
    """

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid, self.peak = pid, float("nan")

    def run(self) -> None:
        while (peak := _status("VmHWM", self.pid)) == peak:
            self.peak = peak
            time.sleep(0.005)


def resident(pid: int | str = "self") -> float:
    """MB that a process has resident now; NaN where the system does not tell."""
    return _status("VmRSS", pid)


def peak() -> float:
    """MB that this process had resident at most; NaN where the system does not tell."""
    return _status("VmHWM")


def _status(field: str, pid: int | str = "self") -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return float("nan")
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def environment(threads: int) -> dict[str, str]:
    """For everyone alike: so many threads, for those who look there; and no telemetry."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads), "ORT_DISABLE_TELEMETRY": "1"}
