"""Servers measured in turns under the same load, as the rows of a table."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.serve.client import Connection, Message
from bench.serve.loops import Outcome, Play, ask, closed, percentile, poisson
from bench.serve.servers import Server
from bench.support import harness

ROUNDS = 3
HEADER = (
    "load",
    "requests",
    "a second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "refused",
    "CPUs",
    "CPU ms each",
    "MB",
    "caller's CPUs",
    "others",
)
_Load = Callable[[str, float], Coroutine[Any, Any, list[Outcome]]]


class Row(NamedTuple):
    """The figures of one server under one load."""

    name: str
    seconds: float
    answered: list[float]  # seconds of each answer with status 200
    refused: int
    cpu: float  # seconds
    rss: float
    own: float  # CPU seconds of the callers
    foreign: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answered) / self.seconds

    def percentile(self, percent: float) -> float:
        """Milliseconds."""
        return 1e3 * percentile(self.answered, percent)

    def cells(self) -> list[str]:
        """The cells of the table."""
        count = len(self.answered)
        times = [self.percentile(percent) for percent in (50, 95, 99)]
        return [
            self.name,
            str(count),
            harness.number(self.rate),
            *(f"{ms:.0f}" for ms in times),
            str(self.refused),
            f"{self.cpu / self.seconds:.2f}",
            f"{1e3 * self.cpu / max(1, count):.0f}",
            f"{self.rss:.0f}",
            f"{self.own / self.seconds:.2f}",
            f"{self.foreign:.2f}",
        ]


def requests(messages: Sequence[Message]) -> Play:
    """Plays that ask for the messages in turns; all but 200 and 429 ends the measurement."""
    number = 0

    async def play(connection: Connection) -> list[Outcome]:
        nonlocal number
        number += 1
        request = messages[number % len(messages)]
        outcome, answer = await ask("", request, connection, lambda _: "")
        if answer is None or answer.status not in (200, 429):
            raise RuntimeError(f"{outcome}: {answer.body[:500] if answer else b''!r}")
        if outcome.broken and "x-request-id" in answer.headers:  # rembg has none
            raise RuntimeError(outcome.broken)
        return [outcome]

    return play


def closed_loop(play: Play, callers: int) -> _Load:
    """So many callers that ask again as soon as they have their answer."""
    return lambda url, seconds: closed(play, url, callers, seconds)


def open_loop(play: Play, rate: float) -> _Load:
    """Arrivals at random, `rate` a second."""
    rng = random.Random(1)
    return lambda url, seconds: poisson(play, url, rate, seconds, rng)


def measure(servers: Mapping[str, Server], load: _Load, seconds: float) -> list[Row]:
    """A row for each server, which have the load in turns, `seconds` each altogether."""
    rounds = ROUNDS if len(servers) > 1 else 1
    found: dict[str, list[Row]] = {name: [] for name in servers}
    for server in servers.values():
        asyncio.run(load(server.url, min(2.0, seconds / 4)))
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(_once(name, server, load, seconds / rounds))
    return [_together(rows) for rows in found.values()]


def _once(name: str, server: Server, load: _Load, seconds: float) -> Row:
    foreign, before = harness.Foreign(), server.usage()
    start, own = time.perf_counter(), time.process_time()
    outcomes = asyncio.run(load(server.url, seconds))
    taken, own = time.perf_counter() - start, time.process_time() - own
    after = server.usage()
    cpu = after.cpu - before.cpu
    answered = [outcome.seconds for outcome in outcomes if outcome.result == "200"]
    refused = len(outcomes) - len(answered)
    return Row(name, taken, answered, refused, cpu, after.rss, own, foreign.cpus(cpu))


def _together(rows: Sequence[Row]) -> Row:
    return Row(
        rows[0].name,
        sum(row.seconds for row in rows),
        [value for row in rows for value in row.answered],
        sum(row.refused for row in rows),
        sum(row.cpu for row in rows),
        max(row.rss for row in rows),
        sum(row.own for row in rows),
        max(row.foreign for row in rows),
    )


def table(title: str, rows: Sequence[Row]) -> str:
    """Markdown."""
    return harness.markdown((title, *HEADER[1:]), [row.cells() for row in rows])


def write(path: Path | None, title: str, command: str, tables: Sequence[str]) -> None:
    """Print the tables, and write them with the machine to a file."""
    machine = harness.machine("onnxruntime", "uvicorn", "fastapi")
    text = f"# {title}\n\n`{command}`\n\n{harness.described(machine)}\n" + "\n".join(tables)
    print(text)
    if path is not None:
        path.write_text(text, encoding="utf-8")
