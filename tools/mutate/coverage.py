"""Which lines of some files each test runs, and which tests to try first."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

SLOWEST = 3.0  # seconds of processor time: slower tests do not take part
TOGETHER = 5.0  # seconds of all tests for one mutant
_QUICK = 0.02  # seconds: of slower tests only few that are alike take part
_ALIKE = 3  # tests of one function that run the same lines of a file

Line = tuple[str, int]


@dataclass
class Coverage:
    """For each test: its function, the lines that it runs, and its seconds of processor time."""

    functions: list[str] = field(default_factory=list)
    lines: list[frozenset[Line]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    kills: Counter[int] = field(default_factory=Counter)
    by_file: dict[str, list[tuple[int, frozenset[Line]]]] = field(default_factory=dict)

    def record(self, function: str, paths: frozenset[str], run: Callable[[], bool]) -> None:
        """Run a test, and keep what it runs if it passes."""
        seen: set[Line] = set()

        def lines(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                seen.add((frame.f_code.co_filename, frame.f_lineno))
            return lines

        def calls(frame: FrameType, event: str, _: Any) -> Any:
            return lines if frame.f_code.co_filename in paths else None

        start = time.process_time()
        threading.settrace(calls)
        sys.settrace(calls)
        try:
            passed = run()
        finally:
            sys.settrace(None)
            threading.settrace(None)
        self.functions.append(function)
        self.seconds.append(time.process_time() - start)
        takes_part = passed and self.seconds[-1] <= SLOWEST
        self.lines.append(frozenset(seen) if takes_part else frozenset())

    def covering(self, path: str, lines: Iterable[int] | None) -> list[int]:
        """The tests to run for these lines of a file, or for all of it: the best first.

        Few slow ones that are alike, and no more than take TOGETHER.
        """
        wanted = None if lines is None else {(path, line) for line in lines}
        alike: Counter[tuple[str, frozenset[Line]]] = Counter()
        found = []
        for test, here in self._of_file(path):
            if wanted is None or not wanted.isdisjoint(here):
                alike[self.functions[test], here] += 1
                quick = self.seconds[test] < _QUICK or test in self.kills
                if quick or alike[self.functions[test], here] <= _ALIKE:
                    found.append(test)
        found.sort(key=lambda test: self.seconds[test] / (1 + 5 * self.kills[test]))
        total, chosen = 0.0, []
        for test in found:
            total += self.seconds[test]
            if total > TOGETHER:
                break
            chosen.append(test)
        return chosen

    def _of_file(self, path: str) -> list[tuple[int, frozenset[Line]]]:
        """The tests that run lines of a file, and those lines."""
        if path not in self.by_file:
            here = [frozenset(line for line in run if line[0] == path) for run in self.lines]
            self.by_file[path] = [(test, lines) for test, lines in enumerate(here) if lines]
        return self.by_file[path]
