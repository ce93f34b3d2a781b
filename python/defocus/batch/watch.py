"""Folders that are watched: a picture is taken once nobody writes to it any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from defocus.batch.plan import Job

__all__ = ["INTERVAL", "SETTLED", "watch"]

INTERVAL = 1.0  # seconds between two looks
SETTLED = 2.0  # seconds in which size and time of change have to stay the same

_Signature = tuple[int, int, int]


def watch(
    look: Callable[[], list[Job]],
    *,
    interval: float = INTERVAL,
    settled: float = SETTLED,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[Job]]:
    """Every `interval` seconds the jobs, of those that `look` finds, whose pictures are ready.

    A picture is ready when it is not empty, and its size and time of change have been the same for
    `settled` seconds.  It is given once, and again only after it was changed: what fails is not
    tried for ever.  Where a look takes long, there is a longer pause before the next.  Ends never.
    """
    since: dict[str, tuple[_Signature, float]] = {}
    given: dict[str, _Signature] = {}
    while True:
        start = clock()
        ready: list[Job] = []
        before, since = since, {}
        for job in look():
            signature = _signature(job.source)
            if signature is None or given.get(job.source) == signature:
                continue
            known, first = before.get(job.source, (None, start))
            if known != signature:
                first = start
            elif start - first >= settled and signature[0]:
                ready.append(job)
                given[job.source] = signature
                continue
            since[job.source] = (signature, first)
        taken = clock() - start
        yield ready
        sleep(max(interval, 4.0 * taken))


def _signature(path: str) -> _Signature | None:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
