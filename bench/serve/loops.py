"""Callers: so many at a time that each wait for their answer, or arrivals that wait for nothing."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bench.serve.client import Answer, Connection, Gone, Message, new_id

Play = Callable[[Connection], Awaitable["list[Outcome]"]]


class Outcome(NamedTuple):
    """How a request ended: `result` is its status, with the code of a problem."""

    kind: str
    result: str
    seconds: float
    broken: str = ""  # what was promised and not kept


async def ask(
    kind: str, request: Message, connection: Connection, check: Callable[[Answer], str]
) -> tuple[Outcome, Answer | None]:
    """One request and its answer; `check` says what is wrong with an answer, or nothing.

    An answer always has to carry the id that was sent.
    """
    request_id, start = new_id(), time.monotonic()
    try:
        answer = await connection.ask(request, request_id)
    except (TimeoutError, Gone, OSError) as error:
        name = type(error).__name__
        return Outcome(kind, name, time.monotonic() - start, f"no answer: {name}"), None
    seconds = time.monotonic() - start
    broken = check(answer)
    if answer.headers.get("x-request-id") != request_id:
        broken = "the answer has the id of another request"
    return Outcome(kind, f"{answer.status} {answer.code}".strip(), seconds, broken), answer


async def closed(play: Play, url: str, callers: int, seconds: float) -> list[Outcome]:
    """So many callers, each with a connection; each asks again when it has its answer."""
    end = time.monotonic() + seconds
    found: list[Outcome] = []

    async def caller() -> None:
        async with Connection(url) as connection:
            while time.monotonic() < end:
                found.extend(await play(connection))

    await asyncio.gather(*(caller() for _ in range(callers)))
    return found


async def poisson(
    play: Play, url: str, rate: float, seconds: float, rng: random.Random
) -> list[Outcome]:
    """Arrivals at a mean rate, each with a connection of its own, whether others wait or not."""
    found: list[Outcome] = []
    running: set[asyncio.Task[None]] = set()

    async def arrival() -> None:
        async with Connection(url) as connection:
            found.extend(await play(connection))

    at = start = time.monotonic()
    while at - start < seconds:
        await asyncio.sleep(at - time.monotonic())
        task = asyncio.ensure_future(arrival())
        running.add(task)
        task.add_done_callback(running.discard)
        at += rng.expovariate(rate)
    await asyncio.gather(*running)
    return found


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed; NaN of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
