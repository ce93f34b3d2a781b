"""What a process made by fork must not find half done: imports, and networks that are being built.

A child has the memory of its parent but only the thread that forked.  A module that another thread
was importing stays locked in it, and so does what was locked inside ONNX Runtime.  A fork therefore
waits until both are done, as it does for Python's own `logging`.
"""

from __future__ import annotations

# Hooks before a fork run in the reverse order of their registration.  That of `logging` takes a
# lock, which imports need; it has to be registered before ours.
import logging  # noqa: F401
import os
import threading
from types import TracebackType

__all__ = ["unforked"]

_PATIENCE = 60.0  # seconds; no fork is worth a deadlock


class _Unforked:
    """`with unforked:` holds back the forks of other threads until the end of the block."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: dict[int, int] = {}  # how deep each thread is inside
        self._stopped: set[int] = set()  # threads that are about to fork, and hold `_changed`

    def __enter__(self) -> None:
        own = threading.get_ident()
        with self._changed:
            self._inside[own] = self._inside.get(own, 0) + 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        own = threading.get_ident()
        with self._changed:
            self._inside[own] -= 1
            if not self._inside[own]:
                del self._inside[own]
            self._changed.notify_all()

    @property
    def here(self) -> bool:
        """Whether the calling thread is inside."""
        return threading.get_ident() in self._inside

    def before_fork(self) -> None:
        own = threading.get_ident()
        if self._changed.acquire(timeout=_PATIENCE):
            self._changed.wait_for(lambda: self._inside.keys() <= {own}, _PATIENCE)
            self._stopped.add(own)

    def in_parent(self) -> None:
        own = threading.get_ident()
        if own in self._stopped:
            self._stopped.discard(own)
            self._changed.release()

    def in_child(self) -> None:
        own = threading.get_ident()
        inside = self._inside.get(own)
        self._changed = threading.Condition()
        self._inside = {} if inside is None else {own: inside}
        self._stopped = set()


unforked = _Unforked()

if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(
        before=unforked.before_fork,
        after_in_parent=unforked.in_parent,
        after_in_child=unforked.in_child,
    )
