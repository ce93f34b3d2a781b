"""Who computes when: slots, a bounded queue, deadlines, clients that have gone, shutdown."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from defocus.serve.problems import ClientGone, Problem
from defocus.timing import Stopped, stages

__all__ = ["Admission", "Job", "gone"]

_T = TypeVar("_T")
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_RETRY = {"Retry-After": "1"}


class Job:
    """One computation: its deadline, whether it is still wanted, and how long its stages took."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.stages: dict[str, float] = {}
        self.pixels = 0  # of photographs that it has decoded
        self._end = time.monotonic() + seconds
        self._stopped = threading.Event()
        self._adding = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds up to the deadline."""
        return max(0.0, self._end - time.monotonic())

    def stop(self) -> None:
        """Say that nobody waits for the result."""
        self._stopped.set()

    def ended(self, name: str, seconds: float) -> None:
        """Add a stage that has ended.  Raises Stopped where nobody waits for the result."""
        with self._adding:  # decoding and the network may end at the same time
            self.stages[name] = self.stages.get(name, 0.0) + seconds
        if self._stopped.is_set():
            raise Stopped

    def run(self, work: Callable[[Job], _T]) -> _T:
        """Run `work` with its stages measured.  Raises Stopped between two stages, too."""
        with stages(self.ended):
            return work(self)


class Admission:
    """Runs jobs on `slots` threads; at most `queue` others wait, in the order they came."""

    def __init__(self, slots: int, queue: int) -> None:
        self.slots, self.queue = slots, queue
        self.draining = False
        self._free = slots
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._pool = ThreadPoolExecutor(slots, "defocus-serve")

    @property
    def running(self) -> int:
        """The number of jobs that are being computed."""
        return self.slots - self._free

    @property
    def waiting(self) -> int:
        """The number of jobs that wait for a slot."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether the next job would be refused."""
        return self._free == 0 and self.waiting >= self.queue

    def check(self) -> None:
        """Refuse a request before its body is read.  Raises Problem."""
        if self.draining:
            raise Problem(503, "shutting_down", "the service is shutting down", headers=_RETRY)
        self._check_queue()

    def drain(self) -> None:
        """Refuse new requests from now on; those that were accepted go on."""
        self.draining = True

    def close(self) -> None:
        """Wait for the last job, and end the threads."""
        self._pool.shutdown()

    async def run(
        self,
        work: Callable[[Job], _T],
        job: Job,
        gone: asyncio.Future[None],
        *,
        accepted: bool = False,
    ) -> _T:
        """Run `work` in a slot and give its result.

        Raises Problem where the queue is full (unless the job was `accepted` before) or the
        deadline passes, ClientGone when `gone` is done, and what `work` raises.  A thread cannot
        be stopped: the slot stays taken until the present stage of the job has ended.
        """
        if not accepted:
            self._check_queue()
        start = time.monotonic()
        await self._take_slot(job, gone)
        job.stages["queue"] = time.monotonic() - start
        future = asyncio.get_running_loop().run_in_executor(self._pool, job.run, work)
        future.add_done_callback(self._finished)
        try:
            await _first(future, gone, job)
        finally:
            if not future.done():
                job.stop()
        if future.done():
            return future.result()
        if gone.done():
            raise ClientGone
        raise _late(job)

    def _check_queue(self) -> None:
        if self.full:
            raise Problem(
                429,
                "queue_full",
                f"{self.waiting} requests are waiting; try again later",
                limit=self.queue,
                value=self.waiting + 1,
                headers=_RETRY,
            )

    async def _take_slot(self, job: Job, gone: asyncio.Future[None]) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await _first(turn, gone, job)
        except asyncio.CancelledError:
            self._give_up(turn)
            raise
        if turn.done() and not gone.done():
            return
        self._give_up(turn)
        raise ClientGone if gone.done() else _late(job)

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        """Leave the queue; hand on a slot that has been given meanwhile."""
        if turn.done():
            self._release()
        else:
            self._waiting.remove(turn)

    def _release(self) -> None:
        if self._waiting:
            self._waiting.popleft().set_result(None)
        else:
            self._free += 1

    def _finished(self, future: asyncio.Future[Any]) -> None:
        if not future.cancelled():
            future.exception()  # is the waiting request's, if one still waits
        self._release()


@contextmanager
def gone(receive: _Receive) -> Iterator[asyncio.Future[None]]:
    """A future that is done as soon as the client has closed the connection.

    `receive` is that of a request whose body has been read.
    """

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    task = asyncio.ensure_future(watch())
    try:
        yield task
    finally:
        task.cancel()


async def _first(one: asyncio.Future[Any], other: asyncio.Future[Any], job: Job) -> None:
    """Wait for one of the two, or the deadline."""
    await asyncio.wait({one, other}, timeout=job.left, return_when=asyncio.FIRST_COMPLETED)


def _late(job: Job) -> Problem:
    return Problem(
        504,
        "deadline",
        f"the request was not finished within {job.seconds:g} seconds",
        limit=job.seconds,
        headers=_RETRY,
    )
