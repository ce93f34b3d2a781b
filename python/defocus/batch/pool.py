"""A pool of worker threads: results in order, bounded memory, errors kept."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from defocus.errors import let_go
from defocus.threads import thread

__all__ = ["PIXELS_PER_JOB", "PixelBudget", "Result", "run"]

In = TypeVar("In")
Out = TypeVar("Out")

# Photos of cameras are smaller.  Several panoramas in parallel need much memory, and save no time.
PIXELS_PER_JOB = 50_000_000


@dataclass(frozen=True)
class Result(Generic[In, Out]):
    """The result of `map` for one image.

    Attributes
    ----------
    source : object
        The image as it was given.
    value : object or None
        What the function returned, or None after an error.
    error : Exception or None
        What the function raised, or None.

    Examples
    --------
    >>> Result("a.jpg", None, ValueError("damaged")).ok
    False
    """

    source: In
    value: Out | None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return self.error is None

    def unwrap(self) -> Out:
        """Return the value, or raise the error.

        Examples
        --------
        >>> Result("a.jpg", 3).unwrap()
        3
        """
        if self.error is not None:
            raise self.error
        value: Out = self.value  # type: ignore[assignment]  # None only if fn returns None
        return value


def run(
    items: Iterable[In],
    function: Callable[[In], Out],
    *,
    jobs: int,
    ahead: int,
    weigh: Callable[[Out], int] = lambda value: 0,
) -> Generator[Result[In, Out], None, None]:
    """The result of `function` for each item, in order, from `jobs` threads.

    At most `jobs` + `ahead` items are taken before their results are.  The number is lower while
    the waiting values weigh more than `jobs` * PIXELS_PER_JOB.  One job runs in the caller's
    thread.
    """
    if jobs == 1:
        for item in items:
            yield _attempt(function, item)
        return
    window: _Window[In, Out] = _Window(jobs, ahead, weigh)
    failure: Exception | None = None
    source = iter(items)
    with _workers(function, jobs) as submit:
        while failure is None:
            while window.is_full():
                yield window.pop()
            try:
                window.tasks.append(submit(next(source)))
            except StopIteration:
                break
            except Exception as error:  # of the iterable: raised after the results before it
                failure = error
        while window.tasks:
            yield window.pop()
    if failure is not None:
        raise failure


class PixelBudget:
    """Limits the pixels in work to `limit`.  One image is always allowed.

    >>> budget = PixelBudget(100)
    >>> with budget.holding(1000):
    ...     budget.used
    1000
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._changed = threading.Condition()
        self._turn = threading.Lock()  # keeps the order, so that a large image is not overtaken

    @contextmanager
    def holding(self, pixels: int) -> Iterator[None]:
        """Wait until that many pixels are free, and use them in the `with` block."""
        with self._turn, self._changed:
            while self.used and self.used + pixels > self.limit:
                self._changed.wait()
            self.used += pixels
        try:
            yield
        finally:
            with self._changed:
                self.used -= pixels
                self._changed.notify_all()


# --- threads --------------------------------------------------------------------------------------


class _Task(Generic[In, Out]):
    """One item, and its result when it is `done`."""

    def __init__(self, item: In, function: Callable[[In], Out]) -> None:
        self.item = item
        self._function = function
        self._process = os.getpid()
        self.done = threading.Event()
        self.outcome: Result[In, Out] | None = None
        self._fatal: BaseException | None = None

    def run(self) -> None:
        try:
            self.outcome = _attempt(self._function, self.item)
        except BaseException as error:  # such as SystemExit: raised in the caller's thread
            self._fatal = error

    def result(self) -> Result[In, Out]:
        if self._process == os.getpid():
            self.done.wait()
        elif self.outcome is None:  # in a child made by fork, which has no worker threads
            self.run()
        if self.outcome is None:
            raise self._fatal or RuntimeError("the thread ended")
        return self.outcome


class _Window(Generic[In, Out]):
    """The tasks whose results are not taken yet."""

    def __init__(self, jobs: int, ahead: int, weigh: Callable[[Out], int]) -> None:
        self.tasks: deque[_Task[In, Out]] = deque()
        self._jobs, self._ahead, self._weigh = jobs, ahead, weigh
        self._heaviest: int | None = None  # of all results so far

    def is_full(self) -> bool:
        """Whether a result has to be taken, or can be, before another item is submitted.

        Results to come are assumed to weigh as much as the heaviest so far.
        """
        if not self.tasks:
            return False
        weights = [self._weight(task.outcome) for task in self.tasks if task.outcome]
        if self.tasks[0].done.is_set():
            return True
        if self._heaviest is None:
            return len(self.tasks) >= self._jobs
        coming = self._heaviest * (len(self.tasks) - len(weights) + 1)
        return (
            len(self.tasks) >= self._jobs + self._ahead
            or sum(weights) + coming > self._jobs * PIXELS_PER_JOB
        )

    def pop(self) -> Result[In, Out]:
        """Wait for the first result, and take it."""
        result = self.tasks.popleft().result()
        self._weight(result)
        return result

    def _weight(self, result: Result[In, Out]) -> int:
        weight = 0 if result.value is None else self._weigh(result.value)
        self._heaviest = max(self._heaviest or 0, weight)
        return weight


@contextmanager
def _workers(function: Callable[[In], Out], jobs: int) -> Iterator[Callable[[In], _Task[In, Out]]]:
    """Start worker threads.  The block gets a function that submits an item.

    At the end of the block each worker finishes its item, and no other item is started.
    """
    tasks: queue.SimpleQueue[_Task[In, Out] | None] = queue.SimpleQueue()
    ending = threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        while (task := tasks.get()) is not None and not ending.is_set():
            task.run()
            task.done.set()

    def submit(item: In) -> _Task[In, Out]:
        task: _Task[In, Out] = _Task(item, function)
        if any(started.is_alive() for started in threads):  # a child made by fork has none
            tasks.put(task)
        else:
            task.run()
            task.done.set()
        return task

    def end() -> None:
        ending.set()
        for _ in threads:
            tasks.put(None)
        while threads:
            threads.pop().join()

    # Daemons, so that an unfinished iterator does not keep Python from exiting.  `atexit` waits for
    # them, so that Python does not exit while native code runs.
    atexit.register(end)
    # Without the GIL Python may free an unfinished iterator after this module's names.
    unregister = atexit.unregister
    try:
        try:
            for number in range(jobs):
                started = thread(work, f"defocus-{number}", daemon=True)
                started.start()
                threads.append(started)
        except RuntimeError:  # the system's limit: fewer threads are enough, or none
            pass
        yield submit
    finally:
        end()
        unregister(end)


def _attempt(function: Callable[[In], Out], item: In) -> Result[In, Out]:
    try:
        return Result(item, function(item))
    except Exception as error:
        return Result(item, None, let_go(error))
