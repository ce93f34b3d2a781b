"""Several things at a time, in order: one stage of a stream, at work in a thread of its own."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from defocus.errors import DefocusError

__all__ = ["Relay"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")

# How long `close` waits for a thread.  One that works is done by then; one that waits for input
# which may never come is left alone: it holds nothing, and ends when its input does.
_PATIENCE = 2.0  # seconds


class Relay(Iterator[_Out], Generic[_In, _Out]):
    """`work` of each item of `source`, in order, one result ahead of what is asked for.

    Relays are put one behind another, and each then works on another item: so many items at a time,
    and no more, are held.  With `threaded=False`, or where no thread can be had, the caller's
    thread does the work when it asks.  An error of `source` or `work` comes in its place, after all
    the results before it, and is the last.

    >>> list(Relay(iter([1, -2, 3]), abs))
    [1, 2, 3]
    """

    def __init__(
        self, source: Iterator[_In], work: Callable[[_In], _Out], *, threaded: bool = True
    ) -> None:
        self._source = source
        self._work = work
        self._change = threading.Condition()
        self._ready: deque[_Out] = deque()
        self._error: BaseException | None = None
        self._closed = False
        self._threaded = threaded
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def __next__(self) -> _Out:
        """The next result.

        Raises DefocusError in a process made by fork since the first was asked for.
        """
        if self._is_orphan:
            raise DefocusError(
                "this stream was begun before the process was made by fork; begin it anew in there"
            )
        if self._threaded and self._thread is None:
            thread = threading.Thread(target=self._run, name="defocus", daemon=True)
            try:
                thread.start()
                self._thread = thread
            except RuntimeError:  # "can't start new thread"
                self._threaded = False
        if not self._threaded:
            if self._closed:
                raise StopIteration
            return self._work(next(self._source))
        with self._change:
            self._change.wait_for(lambda: self._ready or self._error or self._closed)
            if self._ready and not self._closed:
                self._change.notify_all()
                return self._ready.popleft()
            if self._error is not None and not self._closed:
                raise self._error
            raise StopIteration

    def close(self) -> None:
        """End all stages up to here; nothing more comes.  May be called from any thread."""
        if self._is_orphan:  # nobody is there to be told, and the lock may be held for ever
            return
        with self._change:
            self._closed = True
            self._change.notify_all()
        if isinstance(self._source, Relay):
            self._source.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)
        self._ready.clear()

    @property
    def _is_orphan(self) -> bool:
        """Whether the thread is that of another process."""
        return self._thread is not None and self._process != os.getpid()

    def _run(self) -> None:
        """What the thread does: work one result ahead, until the source or the caller ends."""
        try:
            while not self._closed:
                result = self._work(next(self._source))
                with self._change:
                    self._ready.append(result)
                    self._change.notify_all()
                    self._change.wait_for(lambda: not self._ready or self._closed)
        except BaseException as error:  # StopIteration among them: the caller's to see
            with self._change:
                self._error = error
                self._change.notify_all()
