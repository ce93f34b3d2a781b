"""Watches folders: an image is ready when no program writes to it any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from defocus.batch.plan import Job

__all__ = ["INTERVAL", "SETTLED", "watch"]

INTERVAL = 1.0  # seconds between two searches
SETTLED = 2.0  # seconds in which size and modification time must not change

_Signature = tuple[int, int, int]


def watch(
    find: Callable[[], list[Job]],
    *,
    interval: float = INTERVAL,
    settled: float = SETTLED,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[Job]]:
    """Every `interval` seconds, the jobs of `find` whose images are ready.  It never ends.

    An image is ready when it is not empty, and its size and modification time have not changed for
    `settled` seconds.  A job is given again only after its image was changed, so a failure is not
    repeated for ever.  After a slow search the pause is longer.
    """
    since: dict[str, tuple[_Signature, float]] = {}
    given: dict[str, _Signature] = {}
    while True:
        start = clock()
        ready: list[Job] = []
        before, since = since, {}
        for job in find():
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
        duration = clock() - start
        yield ready
        sleep(max(interval, 4.0 * duration))


def _signature(path: str) -> _Signature | None:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
