"""Run the tests of a pytest session for one mutant after another.

The tests are collected once.  Each mutant is made in a fork, and the tests that run the changed
lines decide.  Where only a new import shows the change, a process of its own runs the tests.
"""

from __future__ import annotations

import ast
import importlib
import mmap
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tools.mutate.coverage import Coverage
from tools.mutate.forks import WALL, in_fork
from tools.mutate.live import Live
from tools.mutate.mutants import Edit, edits

PYTHON = Path(__file__).resolve().parents[2] / "python"


@dataclass(frozen=True)
class Result:
    """What became of a mutant: killed, timeout, survived, or uncovered: no test runs its lines."""

    path: Path
    edit: Edit
    outcome: str


@dataclass(eq=False)
class Runner:
    """A plugin for pytest that runs mutants in place of the tests."""

    paths: list[Path]
    function: str
    report: Callable[[Result], None]
    failed: bool = False
    coverage: Coverage = field(default_factory=Coverage)
    items: list[pytest.Item] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice a failure."""
        self.failed = self.failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what the tests run, then try each mutant."""
        self.items = session.items
        for path in self.paths:
            parts = path.relative_to(PYTHON).with_suffix("").parts
            importlib.import_module(".".join(parts).removesuffix(".__init__"))
        self._measure()
        live = Live({str(path) for path in self.paths})
        for path in self.paths:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for index, edit in enumerate(edits(tree)):
                if self.function in edit.place.name:
                    change = live.change(tree, path, edit)
                    self.report(Result(path, edit, self._outcome(path, index, edit, change)))
        return True

    def _measure(self) -> None:
        paths = frozenset(map(str, self.paths))

        def measure(file: Path) -> bool:
            coverage = Coverage()
            for item in self.items:
                function = item.nodeid.partition("[")[0]
                coverage.record(function, paths, partial(self._passes, item))
            file.write_bytes(pickle.dumps(coverage))
            return True

        with tempfile.NamedTemporaryFile() as file:
            if in_fork(lambda: measure(Path(file.name)), None) != "survived":
                raise RuntimeError("a test ends the process")
            self.coverage = pickle.loads(Path(file.name).read_bytes())
        part = sum(bool(lines) for lines in self.coverage.lines)
        print(f"{part} of {len(self.items)} tests take part; all take", end=" ")
        print(f"{sum(self.coverage.seconds):.0f} s", flush=True)

    def _passes(self, item: pytest.Item) -> bool:
        return self._failing([item]) is None

    def _failing(self, items: list[pytest.Item]) -> int | None:
        """Run tests until one fails; which."""
        self.failed = False
        for index, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True)):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self.failed:
                return index
        return None

    def _outcome(
        self, path: Path, index: int, edit: Edit, change: Callable[[], None] | None
    ) -> str:
        place = edit.place
        # A default is in the header of a function, which no call runs.
        inside = place.outermost not in (None, place.inner) and change is not None
        tests = self.coverage.covering(str(path), place.lines) if inside else []
        survived = "uncovered" if inside and not tests else "survived"
        tests = tests or self.coverage.covering(str(path), None)
        if not tests:
            return "uncovered"
        outcome = "survived" if change is None else self._forked(tests, change)
        if change is None or (outcome == "survived" and not inside):
            outcome = _imported(path, index, [self.items[test].nodeid for test in tests])
        return survived if outcome == "survived" else outcome

    def _forked(self, tests: list[int], change: Callable[[], None]) -> str:
        """Run tests with a change; the one that fails is preferred from now on."""
        items = [self.items[test] for test in tests]
        killer = mmap.mmap(-1, 8)

        def passes() -> bool:
            change()
            failing = self._failing(items)
            if failing is not None:
                killer[:8] = failing.to_bytes(8, "little")
            return failing is None

        outcome = in_fork(passes, 5 + 5 * sum(self.coverage.seconds[test] for test in tests))
        if outcome == "killed":
            self.coverage.kills[tests[int.from_bytes(killer[:8], "little")]] += 1
        return outcome


def _imported(path: Path, index: int, names: list[str]) -> str:
    """Run tests in a process that imports the mutant."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(names))
        file.flush()
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "tools.mutate.imported"]
        command += ["-p", "no:cacheprovider", "-p", "no:xdist", f"@{file.name}"]
        environment = {**os.environ, "DEFOCUS_MUTANT": f"{path}:{index}"}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=WALL)
        except subprocess.TimeoutExpired:
            return "timeout"
    return "survived" if done.returncode == 0 else "killed"
