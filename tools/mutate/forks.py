"""Calls in a fork of the process."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable

WALL = 300  # seconds until a mutant counts as hanging


def in_fork(passes: Callable[[], bool], limit: float | None) -> str:
    """Call in a fork: survived if it returns True, killed, or timeout."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 1))
                signal.alarm(WALL)
            os._exit(0 if passes() else 1)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    _end_group(child)
    if os.WIFSIGNALED(status):
        late = (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)
        return "timeout" if os.WTERMSIG(status) in late else "killed"
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def _end_group(group: int) -> None:
    """End what a fork of ours has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
