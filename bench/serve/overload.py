"""Twenty minutes of more requests than the service can answer, good and bad: what it promises.

    python -m bench.serve.overload [--minutes 20] [--json FILE] [--markdown FILE]

The server is the real command with the network as shipped; its callers are this process.  Its
capacity is measured first: good requests a second of four callers.  Then good requests arrive at
random (Poisson) at 150 % of the capacity, and bad ones at half of that in addition, each on a
connection of its own (good.py and bad.py have the kinds).

- Every answer is checked.  A good one carries the id that was sent, and has the bytes of the answer
  that the idle service gave before; portraits and cutouts also of the library's.  A refusal has
  a status and code that docs/how-to/serve.md lists for it.
- The p99 of the accepted portraits of 2 MP is at most three times their p50.  This is judged for
  one kind of request; the table has the others, and all together.
- Resident memory at the end is at most 5 % above that at minute 2.  Each is the mean of 20 seconds.
  The page's store is filled before, as in a service that has run for half an hour.
- Open files and threads are no more after the load than before it.
- SIGTERM ends the service with exit status 0.

Exit status 1: a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.serve import bad, good, percentiles, servers
from bench.serve.client import Connection
from bench.serve.loops import Outcome, Play, closed, percentile, poisson
from bench.serve.rounds import write
from bench.serve.servers import Server, Usage
from bench.support import harness

JUDGED = "portrait 2 MP"
LOAD, BAD_SHARE = 1.5, 0.5
GROWTH, TAIL = 1.05, 3.0
STORED = 64
WINDOW, SETTLE = 20, 15  # seconds


class Observed(NamedTuple):
    """All that a run has shown."""

    capacity: float
    outcomes: list[Outcome]
    idle: Usage  # before the load
    usage: list[Usage]  # one a second
    settled: Usage
    status: int  # of the process
    own: float  # CPUs of the callers

    @property
    def early(self) -> list[Usage]:
        """Around minute 2; of a short run after a tenth."""
        at = min(120, len(self.usage) // 10)
        return self.usage[max(0, at - WINDOW // 2) : at + WINDOW // 2]

    @property
    def late(self) -> list[Usage]:
        """At the end."""
        return self.usage[-WINDOW:]


def promises(observed: Observed) -> dict[str, tuple[str, bool]]:
    """What was found, and whether the promise is kept."""
    broken = [outcome for outcome in observed.outcomes if outcome.broken]
    times = _accepted(observed.outcomes, JUDGED)
    p50, p99 = percentile(times, 50), percentile(times, 99)
    early, late = (_mean_rss(part) for part in (observed.early, observed.late))
    before, after = observed.idle, observed.settled
    return {
        "answers that are wrong": (str(len(broken)), not broken),
        f"p99 / p50 of {JUDGED}": (f"{p99 / p50:.2f}", p99 <= TAIL * p50),
        "MB at minute 2, at the end": (f"{early:.0f}, {late:.0f}", late <= GROWTH * early),
        "open files before, after": _no_more(before.files, after.files),
        "threads before, after": _no_more(before.threads, after.threads),
        "exit status": (str(observed.status), observed.status == 0),
    }


def _no_more(before: int, after: int) -> tuple[str, bool]:
    return f"{before}, {after}", after <= before


def _accepted(outcomes: Sequence[Outcome], kind: str | None = None) -> list[float]:
    """Seconds of the good answers of a kind, or of all."""
    return [
        outcome.seconds
        for outcome in outcomes
        if outcome.result in ("200", "201", "204") and kind in (None, outcome.kind)
    ]


def _mean_rss(usage: Sequence[Usage]) -> float:
    return sum(use.rss for use in usage) / max(1, len(usage))


def observe(files: Mapping[str, Sequence[bytes]], minutes: float, calibrate: float) -> Observed:
    """Start the service, and put it under load."""
    arguments = (f"--max-bytes={bad.MAX_BYTES}", f"--upload-timeout={bad.UPLOAD_TIMEOUT}")
    with servers.defocus(*arguments) as server:
        plays_of_bad = bad.plays(files["2 MP"][0])
        plays = asyncio.run(good.learn(server.url, files))
        asyncio.run(good.fill_store(server.url, files, STORED))
        asyncio.run(_rehearse(plays_of_bad, server.url))
        rng = random.Random(1)
        pick = good.chooser(plays, rng)
        capacity = asyncio.run(_capacity(pick, server.url, calibrate))
        time.sleep(SETTLE)
        idle = server.usage()
        own, start = time.process_time(), time.monotonic()
        outcomes, usage = asyncio.run(_overload(server, pick, capacity, plays_of_bad, 60 * minutes))
        own = (time.process_time() - own) / (time.monotonic() - start)
        time.sleep(SETTLE)
        settled = server.usage()
        return Observed(capacity, outcomes, idle, usage, settled, server.end(), own)


async def _rehearse(plays_of_bad: Any, url: str) -> None:
    """Every bad kind once on the idle service.  Raises RuntimeError."""
    for _, play in plays_of_bad:
        async with Connection(url) as connection:
            for outcome in await play.play(connection):
                if outcome.broken or outcome.result.startswith("429"):
                    raise RuntimeError(f"before the load began: {outcome}")


async def _capacity(pick: Any, url: str, seconds: float) -> float:
    """Good requests a second of four callers; what the page does with a photograph is one."""
    count, start = 0, time.monotonic()

    async def play(connection: Connection) -> list[Outcome]:
        nonlocal count
        found: list[Outcome] = await pick().play(connection)
        count += 1
        return found

    wrong = [outcome for outcome in await closed(play, url, 4, seconds) if outcome.broken]
    if wrong:
        raise RuntimeError(f"wrong before the load began: {wrong[:3]}")
    return count / (time.monotonic() - start)


async def _overload(
    server: Server, pick: Any, capacity: float, plays_of_bad: Any, seconds: float
) -> tuple[list[Outcome], list[Usage]]:
    rng, pick_bad = random.Random(2), good.chooser(plays_of_bad, random.Random(3))
    usage: list[Usage] = []

    def played(picked: Any) -> Play:
        async def play(connection: Connection) -> list[Outcome]:
            found: list[Outcome] = await picked().play(connection)
            return found

        return play

    watching = asyncio.ensure_future(_watch(server, usage))
    rate = LOAD * capacity
    found = await asyncio.gather(
        poisson(played(pick), server.url, rate, seconds, rng),
        poisson(played(pick_bad), server.url, BAD_SHARE * rate, seconds, rng),
    )
    watching.cancel()
    return [*found[0], *found[1]], usage[: max(1, int(seconds))]


async def _watch(server: Server, usage: list[Usage]) -> None:
    while True:
        usage.append(server.usage())
        await asyncio.sleep(1.0)


def tables(observed: Observed) -> list[str]:
    """Markdown."""
    results = Counter((outcome.kind, outcome.result) for outcome in observed.outcomes)
    kinds = sorted({outcome.kind for outcome in observed.outcomes})
    times = []
    for kind in (*kinds, None):
        taken = _accepted(observed.outcomes, kind)
        if taken:
            cells = [f"{1e3 * percentile(taken, percent):.0f}" for percent in (50, 95, 99)]
            times.append([kind or "all together", len(taken), *cells])
    wrong = Counter(
        (outcome.kind, outcome.broken) for outcome in observed.outcomes if outcome.broken
    )
    kept = [
        (name, value, "kept" if ok else "BROKEN")
        for name, (value, ok) in promises(observed).items()
    ]
    return [
        f"Capacity {observed.capacity:.2f} good requests a second; "
        f"the callers took {observed.own:.2f} CPUs.\n",
        harness.markdown(("promise", "found", ""), kept),
        harness.markdown(("accepted", "answers", "p50 ms", "p95 ms", "p99 ms"), times),
        harness.markdown(
            ("request", "result", "count"),
            [(kind, result, count) for (kind, result), count in sorted(results.items())],
        ),
        *(f"- {kind}: {what}, {count} times\n" for (kind, what), count in wrong.most_common(20)),
    ]


def document(observed: Observed) -> dict[str, Any]:
    """All figures, for programs."""
    results = Counter(f"{outcome.kind}: {outcome.result}" for outcome in observed.outcomes)
    return {
        "machine": harness.machine("onnxruntime", "uvicorn", "fastapi"),
        "capacity": observed.capacity,
        "promises": {
            name: {"found": value, "kept": ok} for name, (value, ok) in promises(observed).items()
        },
        "results": dict(sorted(results.items())),
        "rss": [round(use.rss, 1) for use in observed.usage],
        "files": [use.files for use in observed.usage],
        "threads": [use.threads for use in observed.usage],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Put the service under too much load.")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--calibrate", type=float, default=60.0, help="seconds for the capacity")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the tables here, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = percentiles.photographs(Path(scratch))
    observed = observe(files, options.minutes, options.calibrate)
    command = f"python -m bench.serve.overload --minutes {options.minutes:g}"
    write(options.markdown, "The service under too much load", command, tables(observed))
    if options.json:
        options.json.write_text(json.dumps(document(observed), indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if all(ok for _, ok in promises(observed).values()) else 1)


if __name__ == "__main__":
    main()
