"""Prefetches the results of a stream in a thread, one ahead."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from defocus.errors import DefocusError
from defocus.threads import thread

__all__ = ["Prefetch"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")

# How long `close` waits for the thread.  A thread in work is done by then.  A thread that waits for
# input holds nothing, and ends with its input.
_CLOSE_SECONDS = 2.0


class Prefetch(Iterator[_Out], Generic[_In, _Out]):
    """`work(item)` for each item of `source`, in order, computed one result ahead.

    One Prefetch can be the source of another.  Each then works on its own item, and only that many
    items are held.  With `threaded=False`, or if no thread can be started, the caller's thread does
    the work.  An error of `source` or `work` is raised after all results before it.

    >>> list(Prefetch(iter([1, -2, 3]), abs))
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

        Raises DefocusError in a child made by fork after the first result was requested.
        """
        if self._is_forked:
            raise DefocusError(
                "this stream was started before the process was forked; start it again in the child"
            )
        if not self._has_thread():
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
        """End this stage and all before it.  Any thread may call it."""
        if self._is_forked:  # the child has no thread to stop, and the lock may be held for ever
            return
        with self._change:
            self._closed = True
            self._change.notify_all()
        if isinstance(self._source, Prefetch):
            self._source.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_CLOSE_SECONDS)
        self._ready.clear()

    def _has_thread(self) -> bool:
        """Start the thread at the first call; whether there is one."""
        if self._threaded and self._thread is None:
            started = thread(self._run, daemon=True)
            try:
                started.start()
                self._thread = started
            except RuntimeError:  # "can't start new thread"
                self._threaded = False
        return self._threaded

    @property
    def _is_forked(self) -> bool:
        """Whether the thread belongs to the parent of this process."""
        return self._thread is not None and self._process != os.getpid()

    def _run(self) -> None:
        """Compute one result ahead until the source ends or the stream is closed."""
        try:
            while not self._closed:
                result = self._work(next(self._source))
                with self._change:
                    self._ready.append(result)
                    self._change.notify_all()
                    self._change.wait_for(lambda: not self._ready or self._closed)
        except BaseException as error:  # also StopIteration: raised in the caller's thread
            with self._change:
                self._error = error
                self._change.notify_all()
