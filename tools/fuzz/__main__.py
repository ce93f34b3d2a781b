"""Search for inputs that break the library, guided by the code that they reach.

    python -m tools.fuzz                                # all targets, 5 seconds each
    python -m tools.fuzz metadata files --seconds 600   # two of them, for longer
    python -m tools.fuzz --replay                       # only the seeds, without atheris

A target is a module in `tools/fuzz/targets/`; `target.py` says what it defines.  The engine is
libFuzzer, through atheris (`pip install "defocus[fuzz]"`).  Corpora grow outside the repository.
An input that breaks a check is written to the folder `findings` beside the corpora, and the exit
code is 1.  To run one input again: `python -m tools.fuzz metadata --input FILE`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.fuzz.campaign import Outcome, campaign
from tools.fuzz.target import load, names

_TITLES = ("target", "seconds", "executions", "edges", "features", "inputs", "finding")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("targets", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--seconds", type=int, default=5, help="for each target; 5 by default")
    parser.add_argument("--seed", type=int, default=0, help="for the same order of inputs again")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time; 1 by default")
    parser.add_argument("--corpus", type=Path, default=default_corpus(), help="folder of corpora")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--replay", action="store_true", help="check the seeds, without a search")
    parser.add_argument("--input", type=Path, help="check one file, without a search")
    options = parser.parse_args(arguments)
    unknown = set(options.targets) - set(names())
    if unknown:
        parser.error(f"unknown target: {', '.join(sorted(unknown))}; expected {', '.join(names())}")
    chosen = options.targets or names()
    if options.replay or options.input:
        replay(chosen, options.input)
        return 0
    if importlib.util.find_spec("atheris") is None:
        print('no atheris, so there is no search; pip install "defocus[fuzz]"')
        return 0
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(
            pool.map(
                lambda name: campaign(name, options.corpus, options.seconds, options.seed), chosen
            )
        )
    report(outcomes)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"CPU time: {used.ru_utime + used.ru_stime:.0f} seconds")
    if options.json:
        figures = {
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
            "targets": [outcome.as_dict() for outcome in outcomes],
        }
        options.json.write_text(json.dumps(figures, indent=1))
    return any(outcome.failed for outcome in outcomes)


def default_corpus() -> Path:
    """Return the folder in which corpora grow between runs."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "defocus-fuzz"


def replay(targets: list[str], path: Path | None) -> None:
    """Check the seeds of targets, or one file; an exception of a check is not caught."""
    for name in targets:
        target = load(name)
        if target.command is not None:
            print(f"{name}: a program of its own, without seeds to replay")
            continue
        inputs = [path.read_bytes()] if path else list(target.seeds())
        for data in inputs:
            target.check(data)
        print(f"{name}: {len(inputs)} inputs, no finding")


def report(outcomes: list[Outcome]) -> None:
    """Print a table, and what was found."""
    rows = [_TITLES, *(tuple(str(cell) for cell in outcome.row()) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    for outcome in outcomes:
        if outcome.failed:
            print(f"\n{outcome.name} failed:\n{outcome.tail}")


if __name__ == "__main__":
    sys.exit(main())
