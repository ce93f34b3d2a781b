"""How long the stages of a call take, reported to functions of the caller.

The functions belong to the context (`contextvars`) of the caller, so that calls in other threads
and tasks have their own.  Threads that work for a call run in a copy of its context.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

__all__ = ["Callback", "Stopped", "stage", "stages"]

Callback: TypeAlias = Callable[[str, float], object]

_callbacks: ContextVar[tuple[Callback, ...]] = ContextVar("defocus.stages", default=())


class Stopped(BaseException):
    """Raised at the end of a stage of a call whose result nobody waits for.

    It is no Exception, so that a call that treats errors as results ends, too.
    """


@contextmanager
def stages(callback: Callback) -> Iterator[None]:
    """Report each stage of the calls in the `with` block to `callback`.

    The stages are "decode", "network", "refine", "render" and "encode".  A call reports those that
    it needs, and some of them several times: add the seconds.

    Parameters
    ----------
    callback : function
        Called as `callback(name, seconds)` at the end of each stage, also of one that failed.  With
        more than one thread the photo may be decoded while the network runs.  So `callback` may be
        called in another thread, and stages may overlap.  An exception that it raises ends the
        call, and is raised unchanged.

    Examples
    --------
    >>> import defocus, numpy as np
    >>> photo, matte = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint8)
    >>> names = []
    >>> with defocus.stages(lambda name, seconds: names.append(name)):
    ...     cut = defocus.cutout(photo, matte=matte)
    >>> names
    ['render']
    """
    token = _callbacks.set((callback, *_callbacks.get()))
    try:
        yield
    finally:
        _callbacks.reset(token)


class stage:  # noqa: N801  # used as a function
    """`with stage(name):` measures the block, if a callback wants to know.

    A stage inside of another counts once, as the inner one.

    >>> names = []
    >>> with stages(lambda name, seconds: names.append(name)), stage("render"):
    ...     pass
    >>> names
    ['render']
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._callbacks: tuple[Callback, ...] = ()

    def __enter__(self) -> None:
        self._callbacks = _callbacks.get()
        if self._callbacks:
            self._outer = _around.get()
            self._token = _around.set(self)
            self._inner = 0.0  # seconds of the stages inside
            self._start = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        if self._callbacks:
            seconds = time.perf_counter() - self._start
            _around.reset(self._token)
            if self._outer is not None:
                self._outer._inner += seconds
            for callback in self._callbacks:
                callback(self._name, seconds - self._inner)


_around: ContextVar[stage | None] = ContextVar("defocus.stage", default=None)
