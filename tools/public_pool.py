"""Child processes that look at one file after the other, within limits of time and memory."""

from __future__ import annotations

import json
import queue
import select
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Limits", "Report", "run"]

_STEP = 0.05  # seconds between two looks at a child
_PAGE = 4096


@dataclass(frozen=True)
class Limits:
    """What one file may take: seconds for each step, and resident memory (where /proc tells it)."""

    seconds: float
    megabytes: int


@dataclass
class Report:
    """The outcome of a file, the output of the command, and findings: pairs of kind and detail."""

    path: str
    outcome: str
    message: str = ""
    findings: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Child:
    """One child process: a line of JSON with a path in, a line of JSON with the report out."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self._command, self._limits = command, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._step = ""

    def look(self, path: Path) -> Report:
        """The report of a file.  A child that breaks a limit, or dies, is replaced."""
        start = time.monotonic()
        process = self._running()
        assert process.stdin is not None
        self._step = "the start"
        try:
            process.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
            process.stdin.flush()
            answer, how = self._answer(process)
        except BrokenPipeError:
            answer, how = None, "crash"
        seconds = time.monotonic() - start
        if answer is not None:
            findings = [(kind, detail) for kind, detail in answer["findings"]]
            return Report(str(path), answer["outcome"], answer["message"], findings, seconds)
        self.close()
        end = f"exit code {process.returncode}" if how == "crash" else f"after {seconds:.1f} s"
        return Report(str(path), how, f"in {self._step}, {end}", [], seconds)

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # the other end is gone
                        pipe.close()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                list(self._command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # or select would not know of lines that are here already
            )
        return self._process

    def _answer(self, process: subprocess.Popen[bytes]) -> tuple[dict[str, Any] | None, str]:
        """The answer, or None and what has happened instead."""
        assert process.stdout is not None
        until = time.monotonic() + self._limits.seconds
        while time.monotonic() < until:
            if select.select([process.stdout], [], [], _STEP)[0]:
                line = process.stdout.readline()
                if not line:
                    process.wait()
                    return None, "crash"
                answer: dict[str, Any] = json.loads(line)
                if "begins" not in answer:
                    return answer, "read"
                self._step = answer["begins"]
                until = time.monotonic() + self._limits.seconds
            elif _megabytes(process.pid) > self._limits.megabytes:
                return None, "memory"
        return None, "hang"


def _megabytes(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
    except (OSError, IndexError):
        return 0.0


def run(
    paths: Sequence[Path],
    command: Sequence[str],
    limits: Limits,
    jobs: int = 1,
    each: Callable[[Report], object] = lambda report: None,
) -> list[Report]:
    """The report of every file, in order; `jobs` children look at a time.

    `each` is called with a report as soon as there is one, by one thread at a time.
    """
    waiting: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
    for item in enumerate(paths):
        waiting.put(item)
    reports: dict[int, Report] = {}
    lock = threading.Lock()

    def serve() -> None:
        child = _Child(command, limits)
        try:
            while True:
                index, path = waiting.get_nowait()
                reports[index] = child.look(path)
                with lock:
                    each(reports[index])
        except queue.Empty:
            return
        finally:
            child.close()

    threads = [threading.Thread(target=serve) for _ in range(min(jobs, len(paths)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [reports[index] for index in range(len(paths))]
