"""Many pictures: several at a time, in order, in bounded memory, each error with its picture."""

from __future__ import annotations

import atexit
import inspect
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from defocus.errors import OptionTypeError, let_go
from defocus.pipeline import Segmenter, portrait
from defocus.threads import check_threads, effective_threads

__all__ = ["PixelBudget", "Result", "map", "run", "share"]

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


@overload
def map(
    images: Iterable[In], fn: Callable[..., Out], *, jobs: int | None = ..., **options: Any
) -> Generator[Result[In, Out], None, None]: ...
@overload
def map(
    images: Iterable[In], *, jobs: int | None = ..., **options: Any
) -> Generator[Result[In, Any], None, None]: ...
def map(
    images: Iterable[In],
    fn: Callable[..., Any] = portrait,
    *,
    jobs: int | None = None,
    **options: Any,
) -> Generator[Result[In, Any], None, None]:
    """`fn` of each image, `jobs` at a time: an iterator of a `Result` for each, in their order.

    `images` is any iterable of what `fn` takes, a generator too.  It is asked for the next one only
    as results are taken, and is at most 2 x `jobs` ahead of them, or as many as 50 megapixels a job
    allow: memory is bounded, however many there are.  `fn` is `portrait` (default), `cutout`,
    `find_subject`, or a function of yours, which is called in threads; `options` are its keywords,
    the same for every image.  Results are those of calling it in a loop, whatever `jobs` is.

    `jobs` (default None: as many as this process may use threads, which is also the upper limit)
    pictures are at work at once, each on its share of these threads, all with one network.  A
    `segmenter` of your own keeps its own number of threads; give it `threads=1` for throughput.

    What goes wrong with one image is the `error` of its Result and stops nothing; `unwrap()` raises
    it.  What `images` itself raises comes after the results of those before.  Leaving the loop
    early, or `close()`, ends the threads once they are done with the pictures they are at.

    Raises OptionTypeError or OptionError for bad `jobs`, TypeError where `fn` does not take
    `options`.

    >>> import numpy as np
    >>> photos = [np.full((4, 4, 3), 90, np.uint8), np.zeros((4, 4), np.uint8)]
    >>> matte = np.full((4, 4), 255, np.uint8)
    >>> [type(result.error).__name__ for result in map(photos, matte=matte, sigma=2)]
    ['NoneType', 'ImageValueError']
    """
    check_threads(jobs)
    if not callable(fn):
        raise OptionTypeError(f"fn is a {type(fn).__name__}; expected a function of one image")
    _check_call(fn, options)
    segmenter = options.get("segmenter")
    threads = segmenter.threads if isinstance(segmenter, Segmenter) else 1
    count, each = share(jobs or max(1, effective_threads(None) // effective_threads(threads)), None)
    if segmenter is None and _takes(fn, "segmenter"):
        options = {**options, "segmenter": Segmenter(threads=each)}
    return run(images, lambda image: fn(image, **options), jobs=count, ahead=count, weigh=_pixels)


def share(jobs: int | None, threads: int | None) -> tuple[int, int]:
    """How many pictures are at work at once, and the threads that each may use.

    `jobs` None is as many as there are threads; `threads` None is all that the process may use.

    >>> share(1, 1)
    (1, 1)
    """
    total = effective_threads(threads)
    count = total if jobs is None else min(jobs, total)
    return count, total // count


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
    limit = jobs * PIXELS_PER_JOB
    waiting: deque[_Task[In, Out]] = deque()
    failure: Exception | None = None
    source = iter(items)
    with _crew(function, jobs) as submit:
        while failure is None:
            while waiting and (
                len(waiting) >= jobs + ahead
                or waiting[0].done.is_set()
                or sum(task.weight(weigh) for task in waiting) > limit
            ):
                yield waiting.popleft().result()
            try:
                waiting.append(submit(next(source)))
            except StopIteration:
                break
            except Exception as error:  # the items' own; first what came before it
                failure = error
        while waiting:
            yield waiting.popleft().result()
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

    def __init__(self, item: In) -> None:
        self.item = item
        self.done = threading.Event()
        self._result: Result[In, Out] | None = None
        self._fatal: BaseException | None = None

    def run(self, function: Callable[[In], Out]) -> None:
        try:
            self._result = _attempt(function, self.item)
        except BaseException as error:  # SystemExit and the like: the caller's
            self._fatal = error
        self.done.set()

    def weight(self, weigh: Callable[[Out], int]) -> int:
        result = self._result
        return 0 if result is None or result.value is None else weigh(result.value)

    def result(self) -> Result[In, Out]:
        self.done.wait()
        if self._result is None:
            raise self._fatal or RuntimeError("the thread ended")
        return self._result


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
            task.run(function)

    def submit(item: In) -> _Task[In, Out]:
        task: _Task[In, Out] = _Task(item)
        if threads:
            tasks.put(task)
        else:
            task.run(function)
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


# --- the function and its values ------------------------------------------------------------------


def _check_call(fn: Callable[..., Any], options: dict[str, Any]) -> None:
    """Raise the TypeError of a misspelt keyword once, not for every image."""
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # some builtins have none
        return
    signature.bind(None, **options)


def _takes(fn: Callable[..., Any], keyword: str) -> bool:
    try:
        return keyword in inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return False


def _pixels(value: Any) -> int:
    """The pixels of a picture or array; of a Subject those that it may hold."""
    size = getattr(value, "size", 0)
    if isinstance(size, tuple) and len(size) == 2:
        return int(size[0]) * int(size[1])
    return int(size) // 3 if isinstance(size, int) else 0
