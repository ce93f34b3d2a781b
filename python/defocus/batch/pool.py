"""Work for threads: several items at a time, results in order, and bounds on what is held."""

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

__all__ = ["PIXELS_PER_JOB", "PixelBudget", "Result", "run"]

In = TypeVar("In")
Out = TypeVar("Out")

# Pictures of cameras are below; several panoramas at once would need more memory than they save
# time.
PIXELS_PER_JOB = 50_000_000


@dataclass(frozen=True)
class Result(Generic[In, Out]):
    """What became of one item of `map`.

    `source` is the item as it was given.  Either `value` is what the function gave for it, and
    `error` is None, or `error` is what it raised, and `value` is None.

    >>> Result("a.jpg", None, ValueError("torn")).ok
    False
    """

    source: In
    value: Out | None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return self.error is None

    def unwrap(self) -> Out:
        """The value; or raise the error.

        >>> Result("a.jpg", 3).unwrap()
        3
        """
        if self.error is not None:
            raise self.error
        value: Out = self.value  # type: ignore[assignment]  # None only if fn gives None
        return value


def run(
    items: Iterable[In],
    function: Callable[[In], Out],
    *,
    jobs: int,
    ahead: int,
    weigh: Callable[[Out], int] = lambda value: 0,
) -> Generator[Result[In, Out], None, None]:
    """The Results of `function` for each item, in order, on `jobs` threads.

    At most `jobs` + `ahead` items are taken beyond the results that were given; fewer while the
    values that wait weigh more than `jobs` * 50 million together.  One job needs no thread.
    """
    if jobs == 1:
        for item in items:
            yield _attempt(function, item)
        return
    window: _Window[In, Out] = _Window(jobs, ahead, weigh)
    failure: Exception | None = None
    source = iter(items)
    with _crew(function, jobs) as submit:
        while failure is None:
            while window.is_full():
                yield window.first()
            try:
                window.tasks.append(submit(next(source)))
            except StopIteration:
                break
            except Exception as error:  # the items' own; first what came before it
                failure = error
        while window.tasks:
            yield window.first()
    if failure is not None:
        raise failure


class PixelBudget:
    """Lets no more than `limit` pixels be in work at once, but always one picture.

    >>> budget = PixelBudget(100)
    >>> with budget.holding(1000):
    ...     budget.used
    1000
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._changed = threading.Condition()
        self._turn = threading.Lock()  # who waits for much is not overtaken for ever

    @contextmanager
    def holding(self, pixels: int) -> Iterator[None]:
        """Wait until there is room for so many pixels, and take it for the `with` block."""
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
    """One item, and its Result when it is `done`."""

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
        except BaseException as error:  # SystemExit and the like: the caller's
            self._fatal = error

    def result(self) -> Result[In, Out]:
        if self._process == os.getpid():
            self.done.wait()
        elif self.outcome is None:  # made by fork since: the thread that should do it is not here
            self.run()
        if self.outcome is None:
            raise self._fatal or RuntimeError("the thread ended")
        return self.outcome


class _Window(Generic[In, Out]):
    """The tasks whose results are still to be taken, and whether there may be more of them."""

    def __init__(self, jobs: int, ahead: int, weigh: Callable[[Out], int]) -> None:
        self.tasks: deque[_Task[In, Out]] = deque()
        self._jobs, self._ahead, self._weigh = jobs, ahead, weigh
        self._heaviest: int | None = None  # of all results so far

    def is_full(self) -> bool:
        """Whether the first result has to be taken, or can be, before another item is.

        What the results to come weigh is not known: each as much as the heaviest, it is assumed.
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

    def first(self) -> Result[In, Out]:
        """Take the first result, when it is there."""
        result = self.tasks.popleft().result()
        self._weight(result)
        return result

    def _weight(self, result: Result[In, Out]) -> int:
        weight = 0 if result.value is None else self._weigh(result.value)
        self._heaviest = max(self._heaviest or 0, weight)
        return weight


@contextmanager
def _crew(function: Callable[[In], Out], jobs: int) -> Iterator[Callable[[In], _Task[In, Out]]]:
    """Threads that work; what the block gets submits an item to them.

    At the end of the block those that are at work finish their item, and no other is begun.
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
        if any(thread.is_alive() for thread in threads):  # in a process made by fork, none is
            tasks.put(task)
        else:
            task.run()
            task.done.set()
        return task

    def end() -> None:
        ending.set()
        for _ in threads:
            tasks.put(None)
        for thread in threads:
            thread.join()

    # An iterator that is never finished must not keep Python from exiting, hence daemons; nor may
    # they be in the middle of native code when it does, hence atexit.
    atexit.register(end)
    try:
        try:
            for number in range(jobs):
                thread = threading.Thread(target=work, name=f"defocus-{number}", daemon=True)
                thread.start()
                threads.append(thread)
        except RuntimeError:  # the system's limit: fewer will do, or none
            pass
        yield submit
    finally:
        end()
        atexit.unregister(end)


def _attempt(function: Callable[[In], Out], item: In) -> Result[In, Out]:
    try:
        return Result(item, function(item))
    except Exception as error:
        return Result(item, None, let_go(error))
