"""Change the code in small ways, and see whether the tests notice.

    python -m tools.mutate              # every scope
    python -m tools.mutate options      # one scope
    python -m tools.mutate options --file lengths.py --function scaled_text

A mutant that survives is printed, unless equivalent.json explains it.  The exit status is 1 if one
is unexplained.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tools.mutate.equivalents import Equivalents
from tools.mutate.runner import PYTHON, Result, Runner
from tools.mutate.scopes import SCOPES, Scope

_PYTEST = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist")


def main() -> int:
    """Run the scopes, and report."""
    parser = argparse.ArgumentParser(prog="tools.mutate", description=__doc__)
    parser.add_argument("scopes", nargs="*", metavar="SCOPE", help=", ".join(SCOPES))
    parser.add_argument(
        "--file", action="append", default=[], help="only files whose path ends so; may be repeated"
    )
    parser.add_argument("--function", default="", help="only functions whose name contains this")
    arguments = parser.parse_args()
    faults = 0
    for name in arguments.scopes or SCOPES:
        faults += _run(name, SCOPES[name], arguments.file, arguments.function)
    return int(faults > 0)


def _run(name: str, scope: Scope, files: list[str], function: str) -> int:
    """Run a scope; return how many mutants are unexplained, and how many entries are wrong."""
    ends = tuple(files) or ("",)
    paths = [path for path in scope.files(PYTHON / "defocus") if str(path).endswith(ends)]
    report = _Report()
    runner = Runner(paths, function, report.add)
    status = pytest.main([*_PYTEST, *scope.tests], plugins=[runner])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(f"pytest ended with {status}")
    unused = [] if files or function else report.equivalents.unused(paths)
    for entry in unused:
        print(f"explained, but no survivor: {entry}")
    print(f"{name}: {sum(report.counts.values())} mutants: {dict(report.counts)}", flush=True)
    return report.counts["survived"] + report.counts["uncovered"] + len(unused)


@dataclass
class _Report:
    """Counts of outcomes; survivors are printed at once."""

    equivalents: Equivalents = field(default_factory=Equivalents.read)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        outcome, edit = result.outcome, result.edit
        if outcome in ("survived", "uncovered"):
            if self.equivalents.explains(result):
                outcome = "explained"
            else:
                path = result.path.relative_to(PYTHON / "defocus")
                where = f"{path}:{edit.line} {edit.place.name}"
                print(f"{outcome}: {where}: {edit.change}", flush=True)
        self.counts[outcome] += 1


if __name__ == "__main__":
    sys.exit(main())
