"""Arms the preloaded library of faults, from inside the process."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = [
    "EVER",
    "NATIVE",
    "Seen",
    "failing_files",
    "no_memory",
    "no_threads",
    "open_now",
    "returns_to",
]

EVER = 2**62
# The object files whose allocations are those of the extension.
NATIVE = "/_native.,/libstdc++."

_long, _text = ctypes.c_long, ctypes.c_char_p
_library = ctypes.CDLL(None)
_library.faults_memory.argtypes = [_text, ctypes.c_size_t, _long, _long]
_library.faults_threads.argtypes = [_long, _long]
_library.faults_files.argtypes = [_text, _text, _long, _long, ctypes.c_int]
_library.faults_end.restype = _long


class Seen:
    """How many calls were counted in a `with` block; known at its end."""

    calls = 0


@contextmanager
def _until_end() -> Iterator[Seen]:
    seen = Seen()
    try:
        yield seen
    finally:
        seen.calls = _library.faults_end()


@contextmanager
def no_memory(objects: str, first: int, last: int, *, least: int = 0) -> Iterator[Seen]:
    """Fail the allocations `first` to `last` of these object files, of `least` bytes or more."""
    assert _library.faults_memory(objects.encode(), least, first, last) > 0, objects
    with _until_end() as seen:
        yield seen


@contextmanager
def no_threads(first: int, last: int) -> Iterator[Seen]:
    """Fail to start the threads `first` to `last`."""
    _library.faults_threads(first, last)
    with _until_end() as seen:
        yield seen


@contextmanager
def failing_files(part: str, calls: str, first: int, last: int, error: int) -> Iterator[Seen]:
    """Fail the calls `first` to `last` on paths that hold `part`, with this errno.

    An errno of 0 makes reads and writes short.
    """
    _library.faults_files(part.encode(), calls.encode(), first, last, error)
    with _until_end() as seen:
        yield seen


# --- what is left ---------------------------------------------------------------------------------


def open_now() -> tuple[int, int]:
    """The numbers of file descriptors and threads of this process."""
    descriptors, threads = (len([*Path("/proc/self", n).iterdir()]) for n in ("fd", "task"))
    return descriptors, threads


def returns_to(before: tuple[Any, ...], state: Callable[[], tuple[Any, ...]]) -> bool:
    """Whether the state, which begins with `open_now`, is soon no more than before.

    A thread that was joined may still be ending.
    """
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        now = state()
        if now[0] <= before[0] and now[1] <= before[1] and now[2:] == before[2:]:
            return True
        time.sleep(0.01)
    return False
