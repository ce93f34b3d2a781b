"""How many threads this process may use, two things at a time."""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path, PurePosixPath
from typing import TypeVar

__all__ = ["available_threads", "both", "effective_threads", "spread", "thread"]

_Here = TypeVar("_Here")
_There = TypeVar("_There")
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def available_threads(root: Path = Path("/")) -> int:
    """The number of threads this process may keep busy, at least 1.

    It is the smaller of two limits. One is the number of CPUs that the process is bound to. The
    other is the CPU time that its control groups allow, versions 1 and 2, rounded up. A limit
    that cannot be read does not count. `root` is the folder of `proc` and `sys`; tests use
    another.

    >>> available_threads() >= 1
    True
    """
    return min([_cpus(), *_group_limits(root)])


def effective_threads(threads: int | None) -> int:
    """The number of threads to start: as asked for, but never more than the process may use.

    >>> effective_threads(1)
    1
    """
    if threads == 1:
        return (
            1  # no need to ask: the control groups' files take longer to read than a small picture
        )
    available = available_threads()
    return available if threads is None else min(threads, available)


def thread(
    function: Callable[[], object], name: str = "defocus", *, daemon: bool = False
) -> threading.Thread:
    """A thread, not started yet, that runs `function` in a copy of the caller's context.

    >>> thread(lambda: None).name
    'defocus'
    """
    context = copy_context()
    return threading.Thread(target=context.run, args=(function,), name=name, daemon=daemon)


def both(
    here: Callable[[], _Here], there: Callable[[], _There], threads: int | None
) -> tuple[_Here, _There]:
    """The results of two functions, of which `there` runs in a thread that lives for this call.

    With `threads` = 1, or where no thread can be had, it runs in the caller's after `here`.  If
    both fail the error is that of `here`.

    >>> both(lambda: 1, lambda: 2, None)
    (1, 2)
    """
    if effective_threads(threads) == 1:
        return here(), there()
    done: list[_There] = []
    failed: list[BaseException] = []

    ended = threading.Event()

    def run() -> None:
        try:
            done.append(there())
        except BaseException as error:  # the caller's to deal with, whatever it is
            failed.append(error)
        finally:
            ended.set()

    helper = thread(run)
    try:
        helper.start()
    except RuntimeError:  # "can't start new thread": the system's limit, or Python is shutting down
        return here(), there()
    try:
        result = here()
    finally:
        # A Ctrl-C within `join` makes Python 3.11 forget the thread, and exit while it runs.
        ended.wait()
        helper.join()
    if failed:
        raise failed[0]
    return result, done[0]


def spread(function: Callable[[_In], _Out], items: Sequence[_In], threads: int) -> list[_Out]:
    """`function` of each item, in order, on so many threads: the caller's, and others meanwhile.

    Where no others can be had, the system's limit being reached or Python ending, it does all.
    The error of the first item that failed is raised; then not all of the later ones are tried.

    >>> spread(abs, [-1, 2, -3], 2)
    [1, 2, 3]
    """
    coming = deque(range(len(items)))
    results: dict[int, _Out] = {}
    failed: dict[int, BaseException] = {}

    def work() -> None:
        with suppress(IndexError):  # none is left
            while not failed:
                index = coming.popleft()
                try:
                    results[index] = function(items[index])
                except BaseException as error:  # the caller's to deal with, whatever it is
                    failed[index] = error

    helpers: list[threading.Thread] = []
    try:
        with suppress(RuntimeError):  # "can't start new thread"
            for _ in items[1:threads]:
                helper = thread(work)
                helper.start()
                helpers.append(helper)
        work()
    except BaseException:
        coming.clear()  # so that the others end
        raise
    finally:
        for helper in helpers:
            helper.join()
    if failed:
        raise failed[min(failed)]
    return [results[index] for index in range(len(items))]


def _cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # macOS and Windows have no such call
        return os.cpu_count() or 1


def _group_limits(root: Path) -> Iterator[int]:
    """The limits of the process's control groups and of all groups above them."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        hierarchy, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if hierarchy == "0" and not controllers:
            for folder in _upwards(root / "sys/fs/cgroup", group):
                yield from _limit(_read(folder / "cpu.max"))
        elif "cpu" in controllers.split(","):
            # The hierarchy is mounted under its controllers' names, in their order, and
            # commonly also under each alone.
            for mount in {controllers, "cpu"}:
                for folder in _upwards(root / "sys/fs/cgroup" / mount, group):
                    quota, period = (_read(folder / f"cpu.cfs_{n}_us") for n in ("quota", "period"))
                    yield from _limit(f"{quota} {period}")


def _upwards(mount: Path, group: str) -> Iterator[Path]:
    """`group`'s folder and its parents up to `mount`.

    A container often sees its own group at `mount` while the kernel names it by the host's path;
    climbing finds it all the same.
    """
    inside = PurePosixPath(group.lstrip("/"))
    yield from (mount / part for part in (inside, *inside.parents))


def _limit(text: str) -> Iterator[int]:
    """The limit that "quota period" states; None for "max", -1 and what cannot be read."""
    try:
        quota, period = (int(word) for word in text.split())
    except ValueError:
        return
    if quota > 0 and period > 0:
        yield math.ceil(quota / period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
